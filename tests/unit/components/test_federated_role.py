import json
from datetime import date

import pulumi
import pytest
from pulumi_aws import cloudwatch, iam

from components import (
    FederatedRole,
    FederatedRoleArgs,
    InvalidArgs,
    OktaAwsApp,
    RolePolicies,
    Trust,
)

OKTA = "arn:aws:iam::123456789012:saml-provider/Okta"
OLD = "arn:aws:iam::123456789012:saml-provider/OktaOld"
SIGN_IN = "https://signin.aws.amazon.com/saml"
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def trusting(run, cloud, role_args):
    """The statements of the trust policy of a role with the given arguments, by action."""

    def trusting(**changes):
        run(lambda: FederatedRole("audit", role_args(**changes)))
        [*statements] = json.loads(cloud.one(iam.Role)["assumeRolePolicy"])["Statement"]
        return {statement["Action"]: statement for statement in statements}

    return trusting


def test_only_the_given_provider_can_assume_the_role_at_its_sign_in_page(trusting):
    assert trusting() == {
        "sts:AssumeRoleWithSAML": {
            "Effect": "Allow",
            "Principal": {"Federated": OKTA},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": SIGN_IN}},
        }
    }, "tags and source identity come from outside: nobody sets them unless a list says who"


def test_several_providers_and_regional_sign_in_pages_are_trusted_together(trusting):
    regional = "https://eu-west-1.signin.aws.amazon.com/saml"

    [statement] = trusting(provider_arns=[OKTA, OLD], audiences=[regional, SIGN_IN]).values()

    assert statement["Principal"]["Federated"] == [OKTA, OLD]
    assert statement["Condition"]["StringEquals"]["SAML:aud"] == [regional, SIGN_IN]


def test_session_tags_are_taken_from_an_allow_list_only(trusting):
    statements = trusting(trust=Trust(session_tags=["team", "cost"]))

    tag = statements["sts:TagSession"]
    assert tag["Condition"] == {"ForAllValues:StringEquals": {"aws:TagKeys": ["cost", "team"]}}
    assert tag["Principal"] == {"Federated": OKTA}
    assert "ForAllValues:StringEquals" not in statements["sts:AssumeRoleWithSAML"]["Condition"]


def test_source_identities_are_taken_from_an_allow_list_only(trusting):
    statements = trusting(trust=Trust(source_identities=["*@example.com"]))

    condition = statements["sts:SetSourceIdentity"]["Condition"]
    assert condition == {"StringLike": {"sts:SourceIdentity": "*@example.com"}}


def test_the_window_opens_with_its_first_day_and_closes_after_its_last(trusting):
    window = Trust(opens=date(2026, 12, 1), closes=date(2026, 12, 31))

    [statement] = trusting(trust=window).values()

    condition = statement["Condition"]
    assert condition["DateGreaterThanEquals"] == {"aws:CurrentTime": "2026-12-01T00:00:00Z"}
    assert condition["DateLessThan"] == {"aws:CurrentTime": "2027-01-01T00:00:00Z"}


def test_networks_and_further_conditions_are_asked_for_too(trusting):
    asked = Trust(
        source_ips=["203.0.113.0/24", "198.51.100.0/24"],
        conditions={"StringEquals": {"SAML:sub_type": "persistent"}},
    )

    [statement] = trusting(trust=asked).values()

    assert statement["Condition"] == {
        "StringEquals": {"SAML:aud": SIGN_IN, "SAML:sub_type": "persistent"},
        "IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "203.0.113.0/24"]},
    }


def test_a_service_can_be_let_in_beside_people(trusting):
    service = {
        "Effect": "Allow",
        "Principal": {"Service": "account-access.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }

    statements = trusting(trust=Trust(statements=[service]))

    assert statements["sts:AssumeRole"] == service


def test_the_order_of_lists_does_not_show_in_the_trust_policy(run, cloud, role_args):
    tags, networks = ["team", "cost"], ["203.0.113.0/24", "198.51.100.0/24"]

    def program():
        for name, step in (("one", 1), ("two", -1)):
            trust = Trust(session_tags=tags[::step], source_ips=networks[::step])
            FederatedRole(name, role_args(role_name=name, trust=trust))

    run(program)

    one, two = (inputs["assumeRolePolicy"] for inputs in cloud.of(iam.Role).values())
    assert one == two


def test_policies_of_every_kind_are_given_under_their_own_names(run, cloud, role_args):
    policies = RolePolicies(
        managed={"ReadOnlyAccess": READ}, customer={"Reports": DOCUMENT}, inline={"Extra": DOCUMENT}
    )

    run(lambda: FederatedRole("audit", role_args(policies=policies)))

    assert cloud.names() == {
        "Role audit-role",
        "RolePolicyAttachment audit-ReadOnlyAccess",
        "Policy audit-Reports",
        "RolePolicyAttachment audit-Reports",
        "RolePolicy audit-Extra-inline",
    }, "a changed name is a migration: see CHANGELOG"
    attached = {a["policyArn"] for a in cloud.of(iam.RolePolicyAttachment).values()}
    assert attached == {READ, "arn:audit-Reports"}
    assert "tags" not in cloud.one(iam.Policy), "none were given"


def test_an_exclusive_role_keeps_its_own_policies_and_no_others(run, cloud, role_args):
    policies = RolePolicies(
        managed={"ReadOnlyAccess": READ}, inline={"Extra": DOCUMENT}, exclusive=True
    )

    run(lambda: FederatedRole("audit", role_args(policies=policies)))

    assert cloud.one(iam.RolePolicyAttachmentsExclusive)["policyArns"] == [READ]
    assert cloud.one(iam.RolePoliciesExclusive)["policyNames"] == ["Extra"]


def test_boundary_path_description_tags_and_session_reach_the_role(run, cloud, role_args):
    boundary = "arn:aws:iam::123456789012:policy/Boundary"
    said = role_args(
        permissions_boundary=boundary,
        path="/okta/",
        description="Reads.",
        tags={"team": "x"},
        max_session_hours=4,
    )

    run(lambda: FederatedRole("audit", said))

    role = cloud.one(iam.Role)
    assert (role["permissionsBoundary"], role["path"]) == (boundary, "/okta/")
    assert (role["description"], role["tags"]) == ("Reads.", {"team": "x"})
    assert role["maxSessionDuration"] == 4 * 3600


def test_two_roles_in_one_stack_share_no_child(run, cloud, role_args):
    policies = RolePolicies(managed={"ReadOnlyAccess": READ}, customer={"Reports": DOCUMENT})

    run(
        lambda: [
            FederatedRole(name, role_args(role_name=name, policies=policies))
            for name in ("audit", "admin")
        ]
    )

    for kind, number in ((iam.Role, 2), (iam.RolePolicyAttachment, 4), (iam.Policy, 2)):
        assert len(cloud.of(kind)) == number


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_session_hours": 0}, "session_hours must be 1 to 12, not 0"),
        ({"max_session_hours": 13}, "session_hours must be 1 to 12, not 13"),
        ({"provider_arns": []}, "provider_arns of Audit must name a SAML provider"),
        (
            {"provider_arns": ["Okta"], "audiences": []},
            "partition of provider_arns Okta must be one of aws, ",
        ),
        ({"path": "okta"}, "path must begin and end with /, not 'okta'"),
        ({"path": "/okta"}, "path must begin and end with /, not '/okta'"),
        ({"path": "okta/"}, "path must begin and end with /, not 'okta/'"),
    ],
)
def test_a_role_that_aws_or_nobody_could_use_is_refused(role_args, changes, message):
    with pytest.raises(ValueError, match=message):
        role_args(**changes)


def test_a_condition_that_asks_the_same_key_twice_is_refused(role_args):
    twice = Trust(
        source_ips=["203.0.113.0/24"], conditions={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    )

    with pytest.raises(ValueError, match="asks IpAddress of aws:SourceIp, and source_ips does too"):
        role_args(trust=twice)


@pytest.mark.parametrize("condition", [{}, {"StringNotEquals": {"SAML:aud": "x"}}])
@pytest.mark.parametrize("principal", [OLD, [OLD], "*"])
def test_a_further_statement_without_audience_is_refused(role_args, principal, condition):
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": principal},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": condition,
    }

    with pytest.raises(ValueError, match=r"statements: .*(SAML:aud|any identity provider)"):
        role_args(trust=Trust(statements=[statement]))


def test_an_audience_among_the_conditions_is_refused(role_args):
    with pytest.raises(InvalidArgs, match="trust: names SAML:aud, which follows from"):
        role_args(trust=Trust(conditions={"StringLike": {"saml:AUD": "*"}}))


def test_a_window_that_closes_before_it_opens_is_refused(role_args):
    with pytest.raises(InvalidArgs, match="trust: closes on 2026-12-01, before it opens on 2026"):
        role_args(trust=Trust(opens=date(2026, 12, 2), closes=date(2026, 12, 1)))
    assert role_args(trust=Trust(opens=date(2026, 12, 1), closes=date(2026, 12, 1)))


def test_one_policy_under_two_kinds_is_refused():
    with pytest.raises(ValueError, match="not Reports twice"):
        RolePolicies(managed={"Reports": READ}, customer={"Reports": DOCUMENT})


def test_a_trust_policy_over_the_quota_is_refused_unless_the_quota_was_raised(role_args):
    many = Trust(session_tags=[f"tag-number-{number:03}" for number in range(150)])

    with pytest.raises(ValueError, match=r"at most 2048 characters, not 2971"):
        role_args(trust=many)
    with pytest.raises(ValueError, match=r"at most 2970 characters, not 2971"):
        role_args(trust=many, trust_quota=2970)
    assert role_args(trust=many, trust_quota=2971)


def test_a_trusted_account_of_another_partition_is_refused_in_one_line(role_args):
    root = {"AWS": "arn:aws-cn:iam::111122223333:root"}
    statement = {"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}

    with pytest.raises(ValueError, match="111122223333:root is in partition aws-cn, and the role"):
        role_args(provider_arns=[OKTA], trust=Trust(statements=[statement]))


def test_the_saml_role_value_is_what_the_assertion_says(run, role_args):
    said = []

    def program():
        FederatedRole("audit", role_args()).saml_role_value.apply(said.append)

    run(program)

    assert said == [f"{OKTA},arn:audit-role"]


def test_options_reach_the_children_and_place_and_past_do_not(run, cloud, role_args):
    def program():
        team = pulumi.ComponentResource("test:index:Team", "team")
        opts = pulumi.ResourceOptions(
            parent=team,
            protect=True,
            retain_on_delete=True,
            aliases=[pulumi.Alias(name="old")],
        )
        policies = RolePolicies(managed={"Read": READ}, inline={"Extra": DOCUMENT})
        FederatedRole("audit", role_args(policies=policies), opts)

    run(program)

    assert cloud.engine.component("audit").retainOnDelete, "the engine hands it down from there"
    children = cloud.engine.children_of("audit")
    assert len(children) == 3
    for child in children:
        assert child.parent.endswith("FederatedRole::audit")
        assert child.protect == child.name.endswith("-role"), "policies can always be taken away"
        assert not child.aliases, "the engine derives a child's past from its component's"


def test_somebody_is_told_of_each_entry_in_the_regions_where_people_sign_in(run, cloud, role_args):
    topics = {
        region: f"arn:aws:sns:{region}:123456789012:told" for region in ("us-east-1", "eu-west-1")
    }

    run(
        lambda: FederatedRole("audit", role_args(role_name="Audit+1", sign_in_alarm_targets=topics))
    )

    rules, targets = cloud.of(cloudwatch.EventRule), cloud.of(cloudwatch.EventTarget)
    assert {rule["region"] for rule in rules.values()} == set(topics)
    assert {target["region"]: target["arn"] for target in targets.values()} == topics
    for rule in rules.values():
        assert rule["name"].startswith("Audit-1-"), "what EventBridge takes as a name"
        assert rule["state"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        wanted = json.loads(rule["eventPattern"])["detail"]
        assert wanted["requestParameters"] == {"roleArn": ["arn:audit-role"]}
        assert wanted["eventName"] == ["AssumeRoleWithSAML"]


def test_a_role_without_alarms_makes_no_rule(run, cloud, role_args):
    run(lambda: FederatedRole("audit", role_args()))

    assert cloud.of(cloudwatch.EventRule) == {}


def test_the_role_waits_for_providers_that_it_knows_by_text_only(run, cloud, role_args):
    def program():
        provider = iam.SamlProvider("okta", name="Okta", saml_metadata_document="x")
        opts = pulumi.ResourceOptions(depends_on=[provider])
        FederatedRole("audit", role_args(), opts)

    run(program)

    component = cloud.engine.component("audit")
    assert any(urn.endswith("SamlProvider::okta") for urn in component.dependencies)


def test_an_app_and_a_name_are_enough_for_a_role(run, cloud, app_args):
    def program():
        app = OktaAwsApp("federation", app_args())
        FederatedRole("dev", FederatedRoleArgs(role_name="Developer", app=app))

    run(program)

    [statement] = json.loads(cloud.one(iam.Role)["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Federated": OKTA}
    assert statement["Condition"] == {"StringEquals": {"SAML:aud": SIGN_IN}}
    [role] = [r for r in cloud.engine.children_of("dev") if r.type == "aws:iam/role:Role"]
    assert any(urn.endswith("SamlProvider::federation-main-Okta") for urn in role.dependencies)
    inputs = cloud.one(iam.Role)
    assert (inputs["path"], inputs["description"], inputs["maxSessionDuration"]) == ("/", "", 3600)
    assert "tags" not in inputs


def test_what_follows_from_the_app_is_checked_as_what_is_written(run, app_args):
    many = Trust(session_tags=[f"tag-number-{number:03}" for number in range(150)])
    root = {"AWS": "arn:aws-cn:iam::111122223333:root"}
    foreign = Trust(statements=[{"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}])

    def program():
        app = OktaAwsApp("federation", app_args())
        with pytest.raises(ValueError, match="at most 2048 characters, not 2971"):
            FederatedRoleArgs(role_name="Audit", app=app, trust=many)
        with pytest.raises(ValueError, match="is in partition aws-cn, and the role"):
            FederatedRoleArgs(role_name="Audit", app=app, trust=foreign)

    run(program)


@pytest.mark.parametrize(
    ("arn", "audience"),
    [
        (OKTA, SIGN_IN),
        ("arn:aws-cn:iam::123456789012:saml-provider/Okta", "https://signin.amazonaws.cn/saml"),
    ],
)
def test_the_audience_follows_from_the_partition_of_the_provider(run, cloud, arn, audience):
    args = FederatedRoleArgs(role_name="Audit", provider_arns=[arn])

    run(lambda: FederatedRole("audit", args))

    [statement] = json.loads(cloud.one(iam.Role)["assumeRolePolicy"])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"SAML:aud": audience}}


def test_a_provider_of_another_stack_is_trusted_once_its_arn_is_known(run, cloud):
    arn = pulumi.Output.from_input(OKTA).apply(lambda known: f"{known}2")
    args = FederatedRoleArgs(role_name="Audit", provider_arns=[arn], audiences=[SIGN_IN])

    run(lambda: FederatedRole("audit", args))

    [statement] = json.loads(cloud.one(iam.Role)["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Federated": f"{OKTA}2"}


def test_without_audience_a_provider_that_is_not_known_yet_is_refused(cloud):
    with pytest.raises(ValueError, match="audiences of Audit must name a sign-in endpoint"):
        FederatedRoleArgs(role_name="Audit", provider_arns=[pulumi.Output.from_input(OKTA)])


def test_a_role_without_app_and_provider_is_refused():
    with pytest.raises(ValueError, match="provider_arns of Audit must name a SAML provider"):
        FederatedRoleArgs(role_name="Audit")


def test_a_policy_whose_name_is_escaped_is_found_under_its_former_name(run, cloud, role_args):
    policies = RolePolicies(managed={"Ops-Read": READ}, inline={"Ops-More": DOCUMENT})
    target = {"us-east-1": "arn:aws:sns:us-east-1:123456789012:alarm"}

    args = role_args(policies=policies, sign_in_alarm_targets=target)
    run(lambda: FederatedRole("audit", args))

    former = {
        request.name: [alias.spec.name for alias in request.aliases]
        for request in cloud.engine.children_of("audit")
        if request.aliases
    }
    assert former == {
        "audit-Ops~1Read": ["audit-Ops-Read"],
        "audit-Ops~1More-inline": ["audit-Ops-More-inline"],
        "audit-target-us-east-1": ["audit-told-us-east-1"],
    }
