"""The mocks refuse what the published providers refuse, so that no unit test blesses it."""

import pulumi_okta as okta
import pytest


def an_app(**arguments):
    return okta.app.Saml("app", label="AWS", preconfigured_app="amazon_aws", **arguments)


@pytest.mark.parametrize("skip", [True, False])
def test_arguments_that_exclude_each_other_are_refused_whatever_their_values(run, skip):
    with pytest.raises(Exception, match=r"refuses .*skipAuthenticationPolicy"):
        run(lambda: an_app(authentication_policy="rst1", skip_authentication_policy=skip))


@pytest.mark.parametrize(
    "arguments", [{"authentication_policy": "rst1"}, {"skip_authentication_policy": True}, {}]
)
def test_either_alone_is_taken(run, cloud, arguments):
    run(lambda: an_app(**arguments))

    assert cloud.one(okta.app.Saml)["label"] == "AWS"
