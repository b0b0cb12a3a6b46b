import json
from datetime import date

import pulumi
import pulumi_okta as okta
import pytest
from pulumi_aws import iam

from components import (
    Certificate,
    CommandLineApp,
    GroupMapping,
    InvalidArgs,
    OktaAwsApp,
    OktaAwsAppArgs,
    SignOnPolicy,
)
from components.certificates import checked_metadata
from components.errors import looked_up
from okta_aws_federation.group_names import DEFAULT_FILTER
from sandbox.okta import expressions
from tests.unit.conftest import METADATA

OKTA = "arn:aws:iam::123456789012:saml-provider/Okta"
ANY = "arn:aws:iam::${accountid}"


@pytest.fixture
def settings_of(run, cloud, app_args):
    def settings_of(**changes):
        run(lambda: OktaAwsApp("federation", app_args(**changes)))
        return json.loads(cloud.one(okta.app.Saml)["appSettingsJson"])

    return settings_of


def test_the_settings_hold_every_default_that_okta_would_fill_in_and_no_null(settings_of):
    assert settings_of() == {
        "appFilter": "okta",
        "awsEnvironmentType": "aws.amazon",
        "groupFilter": r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)",
        "identityProviderArn": OKTA,
        "joinAllRoles": False,
        "loginURL": "https://console.aws.amazon.com/ec2/home",
        "roleValuePattern": f"{ANY}:saml-provider/Okta,{ANY}:role/${{role}}",
        "sessionDuration": 3600,
        "useGroupMapping": False,
    }


def test_only_what_is_given_is_added_to_the_settings(settings_of):
    regional = "https://eu-west-1.signin.aws.amazon.com/saml"

    said = settings_of(sign_in_url=regional, join_all_roles=True, command_line="0oa-cli")

    assert said["overrideAcsURL"] == regional
    assert (said["useGroupMapping"], said["groupFilter"]) == (False, DEFAULT_FILTER)
    assert said["joinAllRoles"] is True
    assert said["webSSOAllowedClient"] == "0oa-cli"


def test_groups_of_a_directory_are_read_where_the_app_filter_names_it(settings_of):
    both = "okta, active_directory"

    assert settings_of(group_mapping=GroupMapping(app_filter=both))["appFilter"] == both


def test_the_application_username_format_is_a_custom_expression(run, cloud, app_args):
    run(lambda: OktaAwsApp("federation", app_args(user_name_template="user.employeeNumber")))

    app = cloud.one(okta.app.Saml)
    assert (app["userNameTemplate"], app["userNameTemplateType"]) == (
        "user.employeeNumber",
        "CUSTOM",
    )


@pytest.mark.parametrize(
    ("mapping", "role"),
    [(GroupMapping(), "role/${role}"), (GroupMapping(role_path="/okta/"), "role/okta/${role}")],
)
def test_group_mapping_reads_roles_of_any_account_under_the_roles_path(settings_of, mapping, role):
    said = settings_of(group_mapping=mapping)

    assert said["useGroupMapping"] is True
    assert said["roleValuePattern"] == f"{ANY}:saml-provider/Okta,{ANY}:{role}"


def test_an_account_trusts_the_apps_metadata_under_the_providers_name(run, cloud, app_args):
    arns = []

    run(
        lambda: OktaAwsApp("federation", app_args(provider_name="Okta2")).saml_provider_arn.apply(
            arns.append
        )
    )

    provider = cloud.of(iam.SamlProvider)["federation-main-Okta2"]
    assert provider["name"] == "Okta2"
    assert provider["samlMetadataDocument"] == cloud.metadata
    assert arns == ["arn:aws:iam::123456789012:saml-provider/Okta2"]


@pytest.mark.parametrize(
    ("partition", "environment", "login_url", "acs_url", "audience"),
    [
        (
            "aws",
            "aws.amazon",
            "https://console.aws.amazon.com/ec2/home",
            None,
            "https://signin.aws.amazon.com/saml",
        ),
        (
            "aws-us-gov",
            "amazonaws-us-gov",
            "https://console.amazonaws-us-gov.com/ec2/home",
            "https://signin.amazonaws-us-gov.com/saml",
            "https://signin.amazonaws-us-gov.com/saml",
        ),
    ],
)
def test_what_follows_from_the_partition_need_not_be_an_argument(
    run, cloud, partition, environment, login_url, acs_url, audience
):
    cloud.partition = partition
    audiences = []

    def program():
        args = OktaAwsAppArgs(account_id="123456789012", partition=partition)
        audiences.extend(OktaAwsApp("federation", args).audiences)

    run(program)

    settings = json.loads(cloud.one(okta.app.Saml)["appSettingsJson"])
    assert (settings["awsEnvironmentType"], settings["loginURL"]) == (environment, login_url)
    assert settings.get("overrideAcsURL") == acs_url
    assert audiences == [audience]
    assert cloud.one(okta.app.Saml)["label"] == "AWS Account Federation"
    assert cloud.one(iam.SamlProvider)["name"] == "Okta"


def test_an_arn_that_aws_composed_otherwise_stops_the_run(run, cloud, app_args):
    cloud.partition = "aws-us-gov"

    def program():
        OktaAwsApp("federation", app_args()).saml_provider_arn.apply(lambda arn: arn)

    with pytest.raises(pulumi.RunError, match="but Okta has arn:aws:iam::123456789012"):
        run(program)


def test_session_tags_and_source_identity_are_sent_in_one_order(run, cloud, app_args):
    tags = {"team": "user.department", "cost": "user.costCenter"}

    run(lambda: OktaAwsApp("federation", app_args(session_tags=tags, source_identity="user.login")))

    prefix = "https://aws.amazon.com/SAML/Attributes/"
    statements = cloud.one(okta.app.Saml)["attributeStatements"]
    assert [(s["name"].removeprefix(prefix), s["values"]) for s in statements] == [
        ("PrincipalTag:cost", ["user.costCenter"]),
        ("PrincipalTag:team", ["user.department"]),
        ("SourceIdentity", ["user.login"]),
    ]


def test_a_transitive_tag_is_named_for_whoever_has_a_value_of_it(run, cloud, app_args):
    tags = {"team": "user.department", "site": '"Zurich"', "cost": "user.costCenter"}

    run(
        lambda: OktaAwsApp(
            "federation", app_args(session_tags=tags, transitive_tags=["team", "site"])
        )
    )

    [*_, statement] = cloud.one(okta.app.Saml)["attributeStatements"]
    assert statement["name"] == "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys"
    assert statement["values"] == [
        '"site"',
        '((user.department) == null or (user.department) == "") ? "" : "team"',
    ]
    ada, nobody = ({"user": {"department": value}} for value in ("Engines", None))
    site, team = map(expressions.parse, statement["values"])
    assert (site(nobody), team(ada), team(nobody)) == ("site", "team", "")


def test_a_transitive_tag_that_is_not_sent_is_refused(app_args):
    with pytest.raises(InvalidArgs, match="must be keys of session_tags, not 'team'"):
        app_args(transitive_tags=["team"])


def test_the_native_app_is_a_public_client_and_is_allowed_in(run, cloud, app_args):
    run(lambda: OktaAwsApp("federation", app_args(command_line=CommandLineApp(label="AWS CLI"))))

    client = cloud.one(okta.app.OAuth)
    assert (client["type"], client["tokenEndpointAuthMethod"]) == ("native", "none")
    assert client["pkceRequired"]
    assert client["skipAuthenticationPolicy"] is True
    settings = json.loads(cloud.one(okta.app.Saml)["appSettingsJson"])
    assert settings["webSSOAllowedClient"] == "federation-command-line-id"


def test_the_sign_on_policy_asks_everybody_for_a_second_factor(run, cloud, app_args):
    wanted = SignOnPolicy(name="AWS", reauthenticate_hours=8)

    run(lambda: OktaAwsApp("federation", app_args(sign_on_policy=wanted)))

    rule = cloud.one(okta.AppSignonPolicyRule)
    assert (rule["factorMode"], rule["access"], rule["priority"]) == ("2FA", "ALLOW", 1)
    assert rule["reAuthenticationFrequency"] == "PT8H"
    app = cloud.one(okta.app.Saml)
    assert app["authenticationPolicy"] == rule["policyId"] == "federation-sign-on-id"
    assert "skipAuthenticationPolicy" not in app, "the provider refuses it beside a policy"


@pytest.mark.parametrize("policy", [SignOnPolicy(name="AWS"), "rst-mine"])
def test_the_native_app_is_under_the_same_policy(run, cloud, app_args, policy):
    both = {"sign_on_policy": policy, "command_line": CommandLineApp()}

    run(lambda: OktaAwsApp("federation", app_args(**both)))

    native, app = cloud.one(okta.app.OAuth), cloud.one(okta.app.Saml)
    assert native["authenticationPolicy"] == app["authenticationPolicy"]
    assert "skipAuthenticationPolicy" not in native, "the provider refuses it beside a policy"


def test_without_a_policy_of_its_own_the_org_is_not_asked_for_one(run, cloud, app_args):
    run(lambda: OktaAwsApp("federation", app_args()))

    app = cloud.one(okta.app.Saml)
    assert app["skipAuthenticationPolicy"] is True
    assert "authenticationPolicy" not in app


def test_a_second_factor_at_each_sign_in_is_said_in_oktas_words(run, cloud, app_args):
    each = SignOnPolicy(name="AWS", reauthenticate_hours=0)

    run(lambda: OktaAwsApp("federation", app_args(sign_on_policy=each)))

    assert cloud.one(okta.AppSignonPolicyRule)["reAuthenticationFrequency"] == "PT0S"


def test_a_policy_that_exists_is_used_and_none_is_made(run, cloud, app_args):
    run(lambda: OktaAwsApp("federation", app_args(sign_on_policy="rst-mine")))

    assert cloud.one(okta.app.Saml)["authenticationPolicy"] == "rst-mine"
    assert not cloud.of(okta.AppSignonPolicy)


def test_a_new_generation_of_the_certificate_is_asked_of_okta(run, cloud, app_args):
    wanted = Certificate(signing_key_name="2026-11", years=5)

    run(lambda: OktaAwsApp("federation", app_args(certificate=wanted)))

    app = cloud.one(okta.app.Saml)
    assert (app["keyName"], app["keyYearsValid"]) == ("2026-11", 5)


def test_a_key_that_is_to_take_over_is_trusted_before_it_signs(run, cloud, app_args):
    run(
        lambda: OktaAwsApp(
            "federation", app_args(certificate=Certificate(additional_key_ids=["kid-2"]))
        )
    )

    document = cloud.one(iam.SamlProvider)["samlMetadataDocument"]
    assert ">REVG<" in document, "the key that takes over"
    assert f">{'QUJD' * 300}<" in document, "the key that signs now"


def rolled_over(cloud):
    """An administrator has activated another key since the last refresh."""
    cloud.current_metadata = cloud.metadata.replace("QUJD", "WFla")


def test_aws_is_given_the_key_that_okta_signs_with_now(run, cloud, app_args):
    rolled_over(cloud)

    run(lambda: OktaAwsApp("federation", app_args()))

    document = cloud.one(iam.SamlProvider)["samlMetadataDocument"]
    assert "WFla" in document
    assert "QUJD" not in document


@pytest.mark.parametrize(
    ("signs_with", "end"),
    [
        ("REVG", "2999-03-01T00:00:00Z"),  # kid-2, which an administrator has activated
        ("WFla", "2999-01-01T00:00:00Z"),  # a key of after the last refresh: as AWS reads it
    ],
)
def test_the_end_is_that_of_the_key_which_okta_signs_with_now(
    run, cloud, app_args, signs_with, end
):
    cloud.current_metadata = f"{cloud.metadata.replace('QUJD' * 300, signs_with)}<!--{'x' * 999}-->"
    found = []

    run(lambda: OktaAwsApp("f", app_args()).certificate_expires.apply(found.append))

    assert found == [end]


def test_an_end_that_is_not_known_stops_the_run(run, cloud, app_args):
    rolled_over(cloud)

    def program():
        app = OktaAwsApp("federation", app_args(creates_saml_provider=False))
        return app.certificate_expires

    with pytest.raises(pulumi.RunError, match="is not among its keys in Pulumi's state; run"):
        run(program)


def test_a_preview_with_another_key_in_the_state_is_refused(run, cloud, app_args, monkeypatch):
    rolled_over(cloud)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)

    with pytest.raises(
        pulumi.RunError, match="signs with another key than Pulumi's state has; run"
    ):
        run(lambda: OktaAwsApp("federation", app_args()))


def test_a_preview_of_an_app_without_metadata_in_the_state_compares_no_key(
    run, cloud, app_args, monkeypatch
):
    cloud.current_metadata, cloud.metadata = cloud.metadata, ""
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)

    run(lambda: OktaAwsApp("federation", app_args()))

    assert "QUJD" in cloud.one(iam.SamlProvider)["samlMetadataDocument"]


def test_the_key_of_an_inactive_app_is_not_looked_up(run, cloud, app_args):
    rolled_over(cloud)

    run(lambda: OktaAwsApp("federation", app_args(active=False)))

    assert "QUJD" in cloud.one(iam.SamlProvider)["samlMetadataDocument"]


def test_a_key_that_the_app_does_not_have_stops_the_run(run, app_args):
    message = "names key kid-9, and the app has kid-1, kid-2; run `pulumi refresh` if"
    with pytest.raises(pulumi.RunError, match=message):
        run(
            lambda: OktaAwsApp(
                "federation", app_args(certificate=Certificate(additional_key_ids=["kid-9"]))
            )
        )


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 10, 1), []),
        (date(2026, 11, 1), ["ends in 60 days"]),
        (date(2026, 12, 31), ["ends in 0 days"]),
        (date(2027, 1, 2), ["ended 2 days ago"]),
        (None, []),
    ],
)
def test_a_certificate_that_ends_soon_is_warned_of(run, cloud, app_args, monkeypatch, today, said):
    warned = []
    monkeypatch.setattr(pulumi, "warn", lambda message, resource: warned.append(message))
    cloud.certificate_ends = "2026-12-31T08:00:00Z"

    run(lambda: OktaAwsApp("federation", app_args(certificate=Certificate(today=today))))

    assert len(warned) == len(said)
    assert all(words in message for words, message in zip(said, warned, strict=True))


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("", "has no metadata"),
        ("<a/>", "has 4 characters"),
        ("<a>" + "x" * 1000, "is not XML"),
        (f"<a>{'x' * 1000}</a>", "is a a; AWS wants an EntityDescriptor"),
        (f"<a entityID='x'>{'x' * 1000}</a>", "is a a; AWS wants an EntityDescriptor"),
        (METADATA.replace("X509Certificate", "X509SKI"), "holds no signing certificate"),
        (
            METADATA.replace("entityID", "id"),
            "EntityDescriptor; AWS wants an EntityDescriptor with an e",
        ),
        (
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x">'
            f"{'x' * 1000}</md:EntityDescriptor>",
            "holds no signing certificate",
        ),
    ],
)
def test_metadata_that_aws_would_refuse_never_reaches_it(run, cloud, app_args, metadata, message):
    cloud.metadata = metadata

    with pytest.raises(pulumi.RunError, match=message):
        run(lambda: OktaAwsApp("federation", app_args()))
    assert not cloud.of(iam.SamlProvider)


@pytest.mark.parametrize(("taken", "refused"), [(1000, 999), (10_000_000, 10_000_001)])
def test_metadata_of_just_the_length_that_aws_takes_is_taken(taken, refused):
    def metadata(length):
        short = METADATA.replace("QUJD" * 300, "QUJD")
        return short.replace("QUJD", "QUJD" + "\n" * (length - len(short)))

    assert checked_metadata(metadata(taken)) == metadata(taken)
    with pytest.raises(pulumi.RunError, match=f"has {refused} characters"):
        checked_metadata(metadata(refused))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"session_hours": 0}, "session_hours must be 1 to 12, not 0"),
        ({"session_hours": 13}, "session_hours must be 1 to 12, not 13"),
        ({"account_id": "12345678901"}, "account_id must be 12 digits, not '12345678901'"),
        ({"account_id": "12345678901x"}, "account_id must be 12 digits"),
        ({"partition": "aws-iso"}, "partition must be one of aws, aws-us-gov, .* not 'aws-iso'"),
    ],
)
def test_an_app_that_could_open_nothing_is_refused(app_args, changes, message):
    with pytest.raises(ValueError, match=message):
        app_args(**changes)


@pytest.mark.parametrize("group_filter", [r"aws_\d+_(?{{role}}\w+)", r"(?{{accountid}}\d+)_\w+"])
def test_a_group_filter_that_catches_too_little_is_refused(group_filter):
    with pytest.raises(ValueError, match="group_filter must capture"):
        GroupMapping(group_filter=group_filter)


@pytest.mark.parametrize("years", [1, 11])
def test_a_certificate_that_okta_would_not_make_is_refused(years):
    with pytest.raises(ValueError, match=f"must be 2 to 10, not {years}"):
        Certificate(years=years)


def test_a_negative_reauthentication_is_refused():
    with pytest.raises(ValueError, match="reauthenticate_hours must be 0 or more, not -1"):
        SignOnPolicy(name="AWS", reauthenticate_hours=-1)


def test_two_apps_share_no_child_and_children_keep_their_names(run, cloud, app_args):
    everything = {
        "command_line": CommandLineApp(label="AWS CLI"),
        "sign_on_policy": SignOnPolicy(name="AWS"),
    }

    run(lambda: [OktaAwsApp(name, app_args(**everything)) for name in ("one", "two")])

    kinds = {
        "Saml": "app",
        "SamlProvider": "main-Okta",
        "OAuth": "command-line",
        "AppSignonPolicy": "sign-on",
        "AppSignonPolicyRule": "sign-on-rule",
    }
    assert cloud.names() == {
        f"{kind} {name}-{suffix}" for kind, suffix in kinds.items() for name in ("one", "two")
    }, "a changed name is a migration: see CHANGELOG"


@pytest.mark.parametrize(("active", "status"), [(True, None), (False, "INACTIVE")])
def test_an_app_for_emergencies_is_inactive(run, cloud, app_args, active, status):
    run(lambda: OktaAwsApp("federation", app_args(active=active)))

    assert cloud.one(okta.app.Saml).get("status") == status


def test_okta_is_told_nothing_before_the_provider_s_name_is_known_to_stay(run, cloud, app_args):
    run(lambda: OktaAwsApp("federation", app_args()))

    kept = cloud.engine.requests["pulumi:index:Stash", "federation-provider-name"]
    assert list(kept.replaceOnChanges) == ["input"]
    app = cloud.engine.requests[okta.app.Saml.pulumi_type, "federation-app"]
    assert [urn for urn in app.dependencies if urn.endswith("::federation-provider-name")]


def test_options_reach_the_children_and_place_and_past_do_not(run, cloud, app_args):
    def program():
        team = pulumi.ComponentResource("test:index:Team", "team")
        opts = pulumi.ResourceOptions(
            parent=team, protect=True, retain_on_delete=True, aliases=[pulumi.Alias(name="old")]
        )
        OktaAwsApp("federation", app_args(), opts)

    run(program)

    assert cloud.engine.component("federation").retainOnDelete, (
        "the engine hands it down from there"
    )
    children = cloud.engine.children_of("federation")
    assert len(children) == 3
    for child in children:
        assert child.parent.endswith("OktaAwsApp::federation")
        assert child.protect
        names = {alias.spec.name for alias in child.aliases}
        assert "old" not in names, "the engine derives a child's past from its component's"


def test_a_run_that_the_engine_ends_is_no_failed_look_up():
    def ended():
        raise pulumi.RunError("the engine has ended")

    with pytest.raises(pulumi.RunError, match=r"^the engine has ended$"):
        looked_up("people", "try again", ended)
