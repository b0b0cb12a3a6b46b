"""A role that may assume another role of the file opens it; a hop out of the file is not proof."""

import json

import pytest
from click.testing import CliRunner

import settings
from access.__main__ import access
from access.answers import Subject, can
from access.expectations import outcomes
from access.findings import findings
from access.map.graph import graph
from access.matrix import matrix
from access.model import AccessModel
from access.suggested_fixes import failed
from settings import AccountRole

ADA = "ada@example.com"
ACCOUNT, OTHER = "123456789012", "210987654321"
ADMIN, ENTRY = f"arn:aws:iam::{ACCOUNT}:role/Admin", f"arn:aws:iam::{ACCOUNT}:role/Entry"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def hop(resource=ADMIN, action="sts:AssumeRole", effect="Allow", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def trust(principal=ENTRY, action="sts:AssumeRole", **more):
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, **more}


def values(*, hops=(), trusts=(), app=None, roles=None, **more):
    entry = (
        {"inlinePolicies": {"hop": list(hops)}}
        if hops
        else {"managedPolicies": ["IAMReadOnlyAccess"]}
    )
    admin = {"managedPolicies": ["IAMFullAccess"]}
    if trusts:
        admin["trust"] = {"statements": list(trusts)}
    return {
        "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
        "roles": {"Entry": entry, "Admin": admin, **(roles or {})},
        "groups": {"AWSEntry": {"roles": ["Entry"], "members": [ADA]}},
        "app": app or {},
        "today": "2026-11-25",
        **more,
    }


def model(**more):
    return AccessModel(settings.parse(values(**more)))


IDENTITY = {"sourceIdentity": {"value": "user.login", "allow": ["*@example.com"]}}
BOTH = ["sts:AssumeRole", "sts:SetSourceIdentity"]
ONLY_ADA = f"arn:aws:sts::{ACCOUNT}:assumed-role/Entry/{ADA}"
HOPS = [
    ("both sides allow it", {"hops": [hop()], "trusts": [trust()]}, True),
    ("the trust names the role, so no policy is needed", {"trusts": [trust()]}, True),
    ("the trust names the account, and no policy allows it", {"trusts": [trust(ROOT)]}, False),
    ("the trust names the account", {"hops": [hop()], "trusts": [trust(ROOT)]}, True),
    (
        "everybody of the account is trusted",
        {
            "hops": [hop("*")],
            "trusts": [trust("*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})],
        },
        True,
    ),
    ("no trust", {"hops": [hop()]}, False),
    ("another role is trusted", {"hops": [hop()], "trusts": [trust(ADMIN)]}, False),
    ("another resource", {"hops": [hop(ENTRY)], "trusts": [trust(ROOT)]}, False),
    ("a denial", {"hops": [hop(), hop(effect="Deny")], "trusts": [trust()]}, False),
    ("this person's session is trusted", {"trusts": [trust(ONLY_ADA)]}, True),
    (
        "another person's session is trusted",
        {"trusts": [trust(ONLY_ADA.replace("ada@", "bob@"))]},
        False,
    ),
    (
        "a source identity that both sides allow",
        {"hops": [hop(action=BOTH)], "trusts": [trust(action=BOTH)], "app": IDENTITY},
        True,
    ),
    (
        "a source identity that the trust does not allow",
        {"hops": [hop(action=BOTH)], "trusts": [trust(ROOT)], "app": IDENTITY},
        False,
    ),
    (
        "a source identity that the policy does not allow",
        {"hops": [hop()], "trusts": [trust(ROOT, BOTH)], "app": IDENTITY},
        False,
    ),
    (
        "a condition on an external id, which whoever calls may know",
        {
            "hops": [hop()],
            "trusts": [trust(Condition={"StringEquals": {"sts:ExternalId": "x"}})],
        },
        None,
    ),
    (
        "a session tag, which a hop leaves behind",
        {
            "hops": [hop()],
            "trusts": [trust(Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})],
            "app": {"sessionTags": {"team": "'blue'"}},
        },
        True,
    ),
]


@pytest.mark.parametrize(("changes", "opens"), [h[1:] for h in HOPS], ids=[h[0] for h in HOPS])
def test_a_hop_needs_what_aws_asks_of_both_sides(changes, opens):
    answer = can(model(**changes), Subject(login=ADA), "iam:CreateUser")

    assert (answer.allowed, answer.possible) == (opens is True, opens is not False)
    if opens:
        assert answer.reason.startswith("as Admin, assumed from Entry: allowed by")


def test_session_tags_stay_behind_unless_they_are_transitive_and_the_source_identity_goes_along():
    asks = {
        "StringEquals": {"aws:PrincipalTag/team": "blue"},
        "StringLike": {"aws:SourceIdentity": "*"},
    }
    tag, identity = ({operator: asks[operator]} for operator in asks)

    def allowed(condition, app):
        roles = {
            "Admin": {
                "inlinePolicies": {"users": [hop("*", "iam:CreateUser", Condition=condition)]},
                "trust": {"statements": [trust(action=BOTH)]},
            }
        }
        chain = model(hops=[hop(action=BOTH)], roles=roles, app=app)
        return can(chain, Subject(login=ADA), "iam:CreateUser").possible

    sent = {"sessionTags": {"team": "'blue'"}}
    assert not allowed(tag, sent)
    assert allowed(tag, sent | {"transitiveTags": ["team"]})
    open_tag = {"sessionTags": {"team": "user.department"}, "transitiveTags": ["team"]}
    assert allowed(tag, open_tag), "only Okta knows"
    assert allowed(identity, IDENTITY)


def chain_of_three(**more):
    last = f"arn:aws:iam::{ACCOUNT}:role/Last"
    roles = {
        "Admin": {
            "inlinePolicies": {"on": [hop(last)]},
            "trust": {"statements": [trust()]},
        },
        "Last": {
            "managedPolicies": ["IAMFullAccess"],
            "trust": {"statements": [trust([ADMIN, last])]},
        },
    }
    return values(hops=[hop()], roles=roles, **more)


def test_hops_are_followed_to_their_end_and_a_circle_ends():
    whole = AccessModel(settings.parse(chain_of_three()))

    assert [grant.path for grant in whole.assumable_roles[ADA]] == [
        (("main", "Entry"),),
        (("main", "Entry"), ("main", "Admin")),
        (("main", "Entry"), ("main", "Admin"), ("main", "Last")),
    ]
    [answer] = [can(whole, Subject(group="AWSEntry"), "iam:CreateUser")]
    assert answer.allowed
    assert "as Last, assumed from Admin, assumed from Entry" in answer.reason


def test_a_role_that_okta_opens_too_leads_further_when_it_is_entered_by_a_hop():
    """Found by the random stack files: the last trust asks for a session without a provider."""
    last = f"arn:aws:iam::{ACCOUNT}:role/Last"
    without_provider = {"Null": {"aws:FederatedProvider": "true"}}
    roles = {
        "Admin": {"inlinePolicies": {"on": [hop(last)]}, "trust": {"statements": [trust()]}},
        "Last": {
            "managedPolicies": ["IAMFullAccess"],
            "trust": {"statements": [trust(ADMIN, Condition=without_provider)]},
        },
    }
    both = {"AWSEntry": {"roles": ["Entry", "Admin"], "members": [ADA]}}
    admin_alone = {"AWSEntry": {"roles": ["Admin"], "members": [ADA]}}

    def opens_last(groups):
        return can(
            model(hops=[hop()], roles=roles, groups=groups), Subject(login=ADA), "iam:CreateUser"
        ).possible

    assert opens_last(both)
    assert not opens_last(admin_alone), "a session from Okta has a provider"


def test_every_command_shows_the_hop(tmp_path):
    file, before = tmp_path / "Pulumi.dev.yaml", tmp_path / "Pulumi.before.yaml"

    def write(path, content):
        config = {f"okta-aws-federation:{key}": value for key, value in content.items()}
        path.write_text(json.dumps({"config": config}))

    write(file, chain_of_three(expect=[{"user": ADA, "cannot": ["iam:CreateUser"]}]))
    write(before, values(hops=[hop("arn:aws:iam::aws:role/none")]))

    def output(*arguments):
        return CliRunner().invoke(access, [str(each) for each in arguments]).output

    hopped = "Last, assumed from Admin, assumed from Entry"
    assert f"as {hopped}: allowed by" in output("check", file)
    assert f"as {hopped}" in output("who-can", file, "iam:CreateUser")
    assert hopped in output("what-can", file, ADA)
    assert hopped in output("matrix", file)
    assert hopped in output("explain", file, ADA, "iam:CreateUser")
    assert f"enters {hopped}" in output("diff", before, file)
    rows = json.loads(output("matrix", file, "--json"))[ADA]
    assert [each["role"] for each in rows[-1]["via"]] == ["Entry", "Admin"]


def test_the_map_draws_a_hop_from_role_to_role():
    picture = graph({"dev": AccessModel(settings.parse(chain_of_three()))})

    roles = {role.key: role.name for role in picture.roles}
    hops = {
        (roles[edge.start], roles[edge.end])
        for edge in picture.edges
        if edge.start in roles and edge.end in roles
    }
    assert hops == {("Entry", "Admin"), ("Admin", "Last")}
    assert "Admin, assumed from Entry" in {row.role for row in picture.rows}


def test_a_missed_expectation_is_mended_by_taking_the_hop_away():
    [line] = failed(
        model(
            hops=[hop()],
            trusts=[trust(ROOT)],
            roles={"Other": {"managedPolicies": ["IAMFullAccess"]}},
            expect=[{"user": ADA, "cannot": ["iam:CreateUser"]}],
        )
    )

    assert "take IAMFullAccess from roles.Admin" in str(line) or "take hop from" in str(line)


BEYOND = [
    (f"arn:aws:iam::{ACCOUNT}:role/NotInTheFile", True),
    (f"arn:aws:iam::{OTHER}:role/Admin", True),
    (f"arn:aws:iam::{ACCOUNT}:role/Okta*", True),
    ("*", True),
    ("arn:aws:iam::*:*", True),
    ("arn:*:iam::*:role/x", True),
    (ADMIN, False),
    ("arn:aws:s3:::bucket/*", False),
    (f"arn:aws:iam::{ACCOUNT}:user/*", False),
]


@pytest.mark.parametrize(("resource", "is_open"), BEYOND)
def test_a_hop_out_of_the_file_leaves_a_cannot_open_and_says_so(resource, is_open):
    [line] = outcomes(
        model(hops=[hop(resource)], expect=[{"user": ADA, "cannot": ["iam:CreateUser"]}])
    )

    assert line.satisfied is (None if is_open else True)
    assert (f"may assume {resource}" in line.reason) is is_open


OKTA_ROLES = f"arn:aws:iam::{ACCOUNT}:role/Okta*"


@pytest.mark.parametrize(
    ("resource", "denied", "stands"),
    [
        ("*", {"resource": "*"}, True),
        ("*", {"resource": "arn:aws:iam::*:role/*"}, True),
        (OKTA_ROLES, {"resource": OKTA_ROLES}, True),
        (OKTA_ROLES, {"resource": f"arn:aws:iam::{ACCOUNT}:role/O*"}, True),
        (OKTA_ROLES, {"resource": f"arn:aws:iam::{ACCOUNT}:role/Okta?"}, None),
        (OKTA_ROLES, {"resource": f"arn:aws:iam::{ACCOUNT}:role/OktaA*"}, None),
        ("*", {"resource": f"arn:aws:iam::{ACCOUNT}:role/*"}, None),
        ("*", {"resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}, None),
    ],
)
def test_a_hop_out_of_the_file_that_is_denied_leaves_nothing_open(resource, denied, stands):
    [line] = outcomes(
        model(
            hops=[hop(resource), hop(effect="Deny", **denied)],
            expect=[{"user": ADA, "cannot": ["iam:CreateUser"]}],
        )
    )

    assert line.satisfied is stands


TAGGED = ["sts:AssumeRole", "sts:TagSession"]


@pytest.mark.parametrize(
    ("first", "second", "possible"),
    [
        (TAGGED, "sts:AssumeRole", True),  # a transitive tag goes along into the role after
        ("sts:AssumeRole", TAGGED, True),
        ("sts:AssumeRole", "sts:AssumeRole", False),
    ],
)
def test_a_tag_that_the_caller_sets_reaches_the_roles_after_it(first, second, possible):
    blue = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    roles = {
        "Admin": {
            "inlinePolicies": {"on": [hop(f"arn:aws:iam::{ACCOUNT}:role/Last", TAGGED)]},
            "trust": {"statements": [trust(action=first)]},
        },
        "Last": {
            "inlinePolicies": {"users": [hop("*", "iam:CreateUser", Condition=blue)]},
            "trust": {"statements": [trust(ADMIN, second)]},
        },
    }

    answer = can(
        model(hops=[hop(action=TAGGED)], roles=roles), Subject(login=ADA), "iam:CreateUser"
    )

    assert (answer.allowed, answer.possible) == (False, possible)


def test_a_role_that_only_a_chain_leads_to_is_not_called_unreachable():
    rules = {(each.rule, each.key) for each in findings(model(hops=[hop()], trusts=[trust()]))}

    assert ("role-without-group", "roles.Admin") not in rules
    rules = {(each.rule, each.key) for each in findings(model(hops=[hop()]))}
    assert ("role-without-group", "roles.Admin") in rules


STOPPED = [
    ({"hops": [hop()], "trusts": [trust(ROOT, BOTH)]}, {"roles.Entry"}),
    ({"hops": [hop(action=BOTH)], "trusts": [trust(ROOT)]}, {"roles.Admin.trust.statements"}),
    ({"hops": [hop(action=BOTH)], "trusts": [trust(ROOT, BOTH)]}, set()),
    ({"hops": [hop(f"arn:aws:iam::{OTHER}:role/x")]}, {"roles.Entry"}),
]


@pytest.mark.parametrize(("changes", "keys"), STOPPED)
def test_a_chain_that_a_source_identity_stops_is_reported(changes, keys):
    def stopped(app):
        return {
            each.key
            for each in findings(model(app=app, **changes))
            if each.rule == "source-identity-stops-chain"
        }

    assert stopped(IDENTITY) == keys
    assert stopped({}) == set()


def test_a_matrix_cell_of_a_chain_depends_on_the_hop():
    rows = matrix(
        model(
            hops=[hop()],
            trusts=[trust(Condition={"StringEquals": {"sts:ExternalId": "x"}})],
        ),
        ["iam:CreateUser"],
    )[ADA]

    assert [row.allowed for row in rows] == [(False,), (None,)]


def test_two_accounts_of_a_file_are_one_chain_only_if_both_sides_name_it():
    def opened(hops, principal):
        stack = {
            "mode": "group-mapping",
            "accounts": {
                "one": {"id": ACCOUNT, "region": "us-east-1"},
                "two": {"id": OTHER, "region": "us-east-1"},
            },
            "roles": {
                "Entry": {"accounts": ["one"], "inlinePolicies": {"hop": hops}},
                "Admin": {
                    "accounts": ["two"],
                    "managedPolicies": ["IAMFullAccess"],
                    "trust": {"statements": [trust(principal)]},
                },
            },
            "groups": {"AWSEntry": {"roles": ["Entry"], "members": [ADA]}},
        }
        found = AccessModel(settings.parse(stack))
        return can(found, Subject(login=ADA), "iam:CreateUser", None).allowed

    there = f"arn:aws:iam::{OTHER}:role/Admin"
    assert opened([hop(there)], ROOT)
    assert opened([hop(there)], ENTRY)
    assert not opened([hop(ENTRY)], ENTRY), "across accounts the trust alone is not enough"


@pytest.mark.parametrize(
    ("changes", "depends"),
    [
        ({}, False),
        ({"trusts": [trust()]}, False),
        ({"trusts": [trust(ONLY_ADA)]}, True),
        ({"trusts": [trust(action=BOTH)], "app": IDENTITY}, True),
        ({"app": IDENTITY}, False),
    ],
)
def test_a_hop_is_decided_for_each_person_only_where_it_matters_who_it_is(changes, depends):
    assert model(**changes).chains.depend_on_identity is depends


def test_a_session_that_is_trusted_by_its_name_opens_the_role_to_that_person_only():
    grace = "grace@example.com"
    groups = {"AWSEntry": {"roles": ["Entry"], "members": [ADA, grace]}}

    assumable = model(trusts=[trust(ONLY_ADA)], groups=groups).assumable_roles

    assert [each.account_role.role for each in assumable[ADA]] == ["Entry", "Admin"]
    assert [each.account_role.role for each in assumable[grace]] == ["Entry"]


def test_the_roles_of_hops_come_in_the_order_of_their_names():
    more = {
        name: {"managedPolicies": ["IAMFullAccess"], "trust": {"statements": [trust()]}}
        for name in ("Zebra", "Aardvark")
    }

    [_, *others] = model(trusts=[trust()], roles=more).assumable_roles[ADA]

    assert [each.account_role.role for each in others] == ["Aardvark", "Admin", "Zebra"]


LAST = f"arn:aws:iam::{ACCOUNT}:role/Last"
NO_PROVIDER = {"Null": {"aws:FederatedProvider": "true"}}
SECURE = {"Bool": {"aws:SecureTransport": "true"}}
CREATE_USER = "iam:CreateUser"


@pytest.mark.parametrize(
    ("admin", "last"),
    [
        (  # the name of a session from Okta is the login, that of a hop is free
            {"on": [hop(LAST)]},
            trust(f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/deploy"),
        ),
        ({"users": [hop("*", CREATE_USER, Condition=NO_PROVIDER)]}, trust(LAST)),
        (
            {"users": [hop("*", CREATE_USER, Condition=NO_PROVIDER | SECURE)]},
            trust(LAST),
        ),
    ],
    ids=["a next trust names the session", "a policy asks for no provider", "and for more"],
)
def test_a_role_that_okta_opens_too_is_more_after_a_hop(admin, last):
    roles = {
        "Admin": {"inlinePolicies": admin, "trust": {"statements": [trust()]}},
        "Last": {"managedPolicies": ["IAMFullAccess"], "trust": {"statements": [last]}},
    }

    def is_possible(*names):
        groups = {"AWSEntry": {"roles": list(names), "members": [ADA]}}
        whole = model(hops=[hop()], roles=roles, groups=groups)
        return can(whole, Subject(login=ADA), CREATE_USER).possible

    assert is_possible("Entry", "Admin")
    assert not is_possible("Admin")


@pytest.mark.parametrize(
    ("boundary", "opens"),
    [("PowerUserAccess", True), ("job-function/ViewOnlyAccess", False)],
)
def test_the_boundary_of_the_role_that_is_left_limits_the_hop(boundary, opens):
    entry = {
        "inlinePolicies": {"hop": [hop()]},
        "boundary": f"arn:aws:iam::aws:policy/{boundary}",
    }

    answer = can(
        model(trusts=[trust(ROOT)], roles={"Entry": entry}), Subject(login=ADA), CREATE_USER
    )

    assert (answer.allowed, answer.possible) == (opens, opens)


OWN = f"arn:aws:iam::{ACCOUNT}:policy/Own"


@pytest.mark.parametrize(
    ("statements", "principal", "lower", "upper"),
    [
        ([], ROOT, "implicitDeny", "allow"),  # it may allow the hop
        ([hop()], ROOT, "implicitDeny", "allow"),  # it may deny it
        ([hop("*", effect="Deny")], ROOT, "explicitDeny", "explicitDeny"),
        ([hop()], f"arn:aws:iam::{ACCOUNT}:role/Other", "implicitDeny", "implicitDeny"),
    ],
)
def test_a_policy_that_is_not_known_leaves_the_hop_open(statements, principal, lower, upper):
    entry = {"managedPolicies": [OWN]}
    if statements:
        entry["inlinePolicies"] = {"hop": statements}
    other = {"managedPolicies": ["IAMReadOnlyAccess"]}
    whole = model(trusts=[trust(principal)], roles={"Entry": entry, "Other": other})
    [grant] = whole.direct_roles[ADA]

    decided = whole.chains.hop(ADA, grant, AccountRole("main", "Admin"))

    assert (decided.lower.effect, decided.upper.effect) == (lower, upper)
    if lower != upper:
        open_side = decided.lower if statements else decided.upper
        assert open_side.reason == f"the content of {OWN} is not known here"
        assert decided.lower.layer == decided.upper.layer == "identity"
        assert OWN in decided.depends_on


def test_people_are_told_apart_by_transitive_tags_after_a_hop():
    grace = "grace@example.com"
    blue = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    person = {"firstName": "A", "lastName": "B"}
    whole = model(
        hops=[hop()],
        app={"sessionTags": {"team": "user.department"}, "transitiveTags": ["team"]},
        groups={"AWSEntry": {"roles": ["Entry"], "members": [ADA, grace]}},
        people={
            ADA: person | {"email": ADA, "department": "blue"},
            grace: person | {"email": grace, "department": "red"},
        },
        roles={
            "Admin": {
                "inlinePolicies": {"users": [hop("*", CREATE_USER, Condition=blue)]},
                "trust": {"statements": [trust()]},
            }
        },
    )

    assert can(whole, Subject(login=ADA), CREATE_USER).allowed
    assert not can(whole, Subject(login=grace), CREATE_USER).possible


def test_a_hop_out_of_the_file_has_to_take_the_source_identity_along():
    outside = f"arn:aws:iam::{OTHER}:role/Admin"

    def beyond(action):
        whole = model(hops=[hop(outside, action)], app=IDENTITY)
        [grant] = whole.direct_roles[ADA]
        return whole.roles_beyond(ADA, grant)

    assert beyond(BOTH) == (outside,)
    assert beyond("sts:AssumeRole") == ()
