"""What a stack file says arrives at the components: the program run, one thing changed."""

import json

import pulumi
import pulumi_okta as okta
import pytest
from pulumi_aws import Provider, iam, ssm

import components

PREFIX = "okta-aws-federation:"
DIRECTORY = "00gd1r3ct0ry00000000"
RIGHT = {
    "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
    "roles": {"Developer": {"managedPolicies": ["ReadOnlyAccess"]}},
    "groups": {"AWSDeveloper": {"roles": ["Developer"], "members": ["ada@example.com"]}},
}
READ = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
MAPPED = {
    "mode": "group-mapping",
    "accounts": {
        "one": {"id": "111111111111", "region": "us-east-1", "profile": "first"},
        "two": {
            "id": "222222222222",
            "region": "eu-west-1",
            "assumeRole": "arn:aws:iam::222222222222:role/Deployer",
        },
    },
    "roles": {"Developer": {}},
    "groups": {
        "Engineers": {"roles": ["Developer"], "members": ["ada@example.com"]},
        "By rule": {"roles": ["Developer"], "accounts": ["two"], "rule": 'user.title=="x"'},
    },
}


@pytest.fixture
def program(deploy):
    """Run the program with the right stack file, and changes of whole sections."""

    def program(base=RIGHT, **changes):
        deploy({PREFIX + key: value for key, value in {**base, **changes}.items()})

    return program


@pytest.fixture
def exported(monkeypatch):
    """What the program exports: name -> value."""
    outputs = {}
    monkeypatch.setattr(pulumi, "export", outputs.__setitem__)
    return outputs


@pytest.fixture
def trust_of(cloud):
    def trust_of(role):
        document = json.loads(cloud.of(iam.Role)[f"{role}-role"]["assumeRolePolicy"])
        return {str(each["Action"]): each.get("Condition", {}) for each in document["Statement"]}

    return trust_of


def test_what_the_app_sends_every_role_takes(program, trust_of):
    sent = {
        "sessionTags": {"department": "user.department"},
        "sourceIdentity": {"value": "user.login", "allow": ["*@example.com"]},
    }
    narrow = {"trust": {"sessionTags": ["team"], "sourceIdentities": ["ada@example.com"]}}

    program(app=sent, roles={"Developer": {}, "Auditor": narrow})

    everybody, auditor = trust_of("Developer"), trust_of("Auditor")
    keys = "ForAllValues:StringEquals"
    assert everybody["sts:TagSession"][keys] == {"aws:TagKeys": "department"}
    assert auditor["sts:TagSession"][keys] == {"aws:TagKeys": ["department", "team"]}
    identity = "sts:SetSourceIdentity"
    assert everybody[identity]["StringLike"] == {"sts:SourceIdentity": "*@example.com"}
    assert auditor[identity]["StringLike"] == {"sts:SourceIdentity": "ada@example.com"}


def test_trust_and_policies_of_a_role_are_those_of_the_stack_file(program, cloud, trust_of):
    statements = [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]
    service = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "account-access.amazonaws.com"},
    }
    role = {
        "boundary": "PowerUserAccess",
        "exclusive": True,
        "customerPolicies": {"Reports": statements},
        "inlinePolicies": {"Extra": statements},
        "path": "/okta/",
        "sessionHours": 4,
        "tags": {"team": "x"},
        "trust": {
            "providers": ["OktaOld"],
            "conditions": {"StringEquals": {"SAML:sub_type": "persistent"}},
            "opens": "2026-01-01",
            "closes": "2026-12-31",
            "sourceIps": ["203.0.113.0/24"],
            "statements": [service],
        },
    }

    program(roles={"Developer": role}, tags={"owner": "identity", "team": "of the stack"})

    made = cloud.one(iam.Role)
    assert made["permissionsBoundary"] == "arn:aws:iam::aws:policy/PowerUserAccess"
    assert (made["path"], made["maxSessionDuration"]) == ("/okta/", 4 * 3600)
    assert made["tags"] == {"owner": "identity", "team": "x"}
    assert trust_of("Developer")["sts:AssumeRoleWithSAML"] == {
        "DateGreaterThanEquals": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
        "StringEquals": {
            "SAML:aud": "https://signin.aws.amazon.com/saml",
            "SAML:sub_type": "persistent",
        },
    }
    assert "sts:AssumeRole" in trust_of("Developer")
    assert "saml-provider/OktaOld" in made["assumeRolePolicy"]
    assert cloud.one(iam.RolePolicyAttachmentsExclusive)
    assert cloud.one(iam.RolePolicy)["name"] == "Extra"
    assert cloud.of(iam.Policy)["Developer-Reports"]["tags"] == {"owner": "identity", "team": "x"}


def test_groups_are_assigned_once_the_integration_is_done(program, cloud):
    program()
    assert not cloud.of(okta.app.GroupAssignment)

    program(provisioning={"integration": "done"})

    assert cloud.one(okta.app.GroupAssignment)["groupId"] == "AWSDeveloper-group-id"


def test_the_provisioning_user_is_that_of_the_stack_file(program, cloud):
    said = {
        "user": "okta-sync",
        "policy": "okta-lists-roles",
        "attach": "user",
        "permissions": "multi-account",
        "keys": ["2026-05", "2026-11"],
        "sourceIps": ["203.0.113.0/24"],
        "store": {"kind": "ssm", "name": "/okta/key", "kmsKey": "alias/okta"},
    }

    program(provisioning=said)

    assert cloud.one(iam.User)["name"] == "okta-sync"
    assert cloud.one(iam.UserPolicyAttachment)
    document = cloud.one(iam.Policy)["policy"]
    assert "arn:aws:iam::*:role/Okta-Idp-cross-account-role" in document
    assert "203.0.113.0/24" in document
    parameter = cloud.one(ssm.Parameter)
    assert (parameter["name"], parameter["keyId"]) == ("/okta/key", "alias/okta")
    assert "provisioning-key-2026-11-id" in str(parameter["value"]), "the newer of the two"


def test_the_app_is_that_of_the_stack_file(program, cloud):
    said = {
        "label": "Clouds",
        "provider": "Ours",
        "sessionHours": 1,
        "loginUrl": "https://console.aws.amazon.com/s3/home",
        "environment": "aws.other",
        "signInRegion": "eu-west-1",
        "joinAllRoles": True,
        "webSsoAllowedClient": "0oa" + "c" * 17,
        "signOnPolicyId": "rst" + "p" * 17,
        "certificate": {"generation": "2026-11", "years": 5, "alsoTrusted": ["kid-2"]},
    }

    program(app=said, tags={"owner": "identity"})

    app = cloud.one(okta.app.Saml)
    assert (app["label"], app["authenticationPolicy"]) == ("Clouds", "rst" + "p" * 17)
    assert (app["keyName"], app["keyYearsValid"]) == ("2026-11", 5)
    settings = json.loads(app["appSettingsJson"])
    assert settings["identityProviderArn"] == "arn:aws:iam::123456789012:saml-provider/Ours"
    assert settings["loginURL"] == said["loginUrl"]
    assert settings["awsEnvironmentType"] == "aws.other"
    assert settings["overrideAcsURL"] == "https://eu-west-1.signin.aws.amazon.com/saml"
    assert settings["joinAllRoles"] is True
    assert settings["webSSOAllowedClient"] == said["webSsoAllowedClient"]
    provider = cloud.one(iam.SamlProvider)
    assert ">REVG<" in provider["samlMetadataDocument"]
    assert provider["tags"] == {"owner": "identity"}


def test_a_native_app_and_a_sign_on_policy_are_made_when_asked_for(program, cloud):
    program(
        app={"commandLine": {"label": "CLI"}, "signOnPolicy": {"name": "AWS two"}},
        provisioning={"integration": "done"},
    )

    assert cloud.one(okta.app.OAuth)["label"] == "CLI"
    assert cloud.one(okta.AppSignonPolicy)["name"] == "AWS two"
    assigned = {each["appId"] for each in cloud.of(okta.app.GroupAssignment).values()}
    assert assigned == {"federation-app-id", "federation-command-line-id"}


def test_people_are_made_if_they_are_new_and_looked_up_if_not(program, cloud):
    new = {"firstName": "New", "lastName": "Person", "email": "n@example.com", "department": "X"}
    group = {"roles": ["Developer"], "members": ["ada@example.com", "new@example.com"]}

    program(groups={"AWSDeveloper": group}, people={"new@example.com": new})

    made = cloud.one(okta.user.User)
    assert (made["login"], made["email"]) == ("new@example.com", "n@example.com")
    assert (made["firstName"], made["lastName"], made["department"]) == ("New", "Person", "X")
    ids = {each["userId"] for each in cloud.of(okta.UserGroupMemberships).values()}
    assert ids == {"00u-ada@example.com", "new@example.com-id"}


def test_existing_groups_are_found_by_name_or_taken_by_id(program, cloud):
    rule = 'user.department=="Platform"'
    groups = {
        "Directory": {"roles": ["Developer"], "existing": True},
        "By id": {"roles": ["Developer"], "id": "00g" + "x" * 17},
        "Ours": {"roles": ["Developer"], "rule": rule, "description": "Ours.", "priority": 7},
    }

    program(groups=groups, provisioning={"integration": "done"})

    assigned = {each["groupId"] for each in cloud.of(okta.app.GroupAssignment).values()}
    assert assigned == {"00g-Directory", "00g" + "x" * 17, "Ours-group-id"}
    assert cloud.one(okta.group.Group)["description"] == "Ours."
    assert cloud.one(okta.group.Rule)["expressionValue"] == rule
    assert cloud.of(okta.app.GroupAssignment)["Ours-assignment"]["priority"] == 1


def test_whoever_has_left_is_neither_looked_up_nor_in_the_group(program, cloud):
    group = {"roles": ["Developer"], "temporary": {"joan@example.com": "2026-12-31"}}

    program(groups={"AWSDeveloper": group}, today="2027-01-01")

    assert not cloud.of(okta.UserGroupMemberships)
    assert cloud.lookups == []


def test_a_person_whom_the_stack_creates_is_not_looked_up(program, cloud):
    tim = {"firstName": "Tim", "lastName": "Lee", "email": "tim@example.com"}
    logins = ["ada@example.com", "tim@example.com"]
    cloud.unknown.add("tim@example.com")

    program(
        people={"tim@example.com": tim},
        groups={"AWSDeveloper": {"roles": ["Developer"], "members": logins}},
    )

    [asked] = [each["okta:user/getUsers:getUsers"] for each in cloud.lookups]
    assert [each["value"] for each in asked["searches"]] == ["ada@example.com"]
    assert sorted(cloud.of(okta.UserGroupMemberships)) == logins


def test_a_person_of_many_groups_is_one_resource(program, cloud):
    both = {"roles": ["Developer"], "members": ["ada@example.com"], "priority": 1}
    other = {"roles": ["Developer"], "members": ["Ada@Example.com"], "priority": 2}

    program(groups={"One": both, "Two": other})

    memberships = cloud.one(okta.UserGroupMemberships)
    assert memberships["groups"] == ["One-group-id", "Two-group-id"]
    assert list(cloud.of(okta.UserGroupMemberships)) == ["ada@example.com"]


def test_a_hundred_people_are_looked_up_by_three_requests(program, cloud, monkeypatch):
    shown = []
    monkeypatch.setattr(pulumi.log, "info", lambda text, *, ephemeral: shown.append(text))
    people = [f"person{number}@example.com" for number in range(100)]

    program(groups={"All": {"roles": ["Developer"], "members": people}})

    assert len(cloud.lookups) == 3
    assert shown == [f"people looked up in Okta: {done} of 100" for done in (0, 40, 80)]
    asked = [each["okta:user/getUsers:getUsers"] for each in cloud.lookups]
    assert {each["compoundSearchOperator"] for each in asked} == {"or"}
    assert sorted(s["value"] for each in asked for s in each["searches"]) == sorted(people)
    assert len(cloud.of(okta.UserGroupMemberships)) == 100


@pytest.mark.parametrize(("logins", "requests"), [(40, 1), (41, 2)])
@pytest.mark.parametrize("more", [0, 1])
def test_a_request_has_forty_logins_or_6000_characters_and_no_more(logins, requests, more):
    short = ["a" * 20] * logins
    by_number = [*components.lookups.batches(short)]
    # 12 logins of 500 each: 35 stand around a login in the URL, and a letter counts three.
    by_length = [*components.lookups.batches(["a" * 155] * 11 + ["a" * (155 + more)])]

    assert len(by_number) == requests
    assert len(by_length) == 1 + more
    assert [login for batch in by_number for login in batch] == short
    assert [*components.lookups.batches(["a" * 6001])] == [["a" * 6001]], "no empty request first"


def test_a_login_that_okta_spells_otherwise_is_the_same_person(program, cloud):
    cloud.logins["ada@example.com"] = "Ada@Example.com"

    program()

    assert cloud.one(okta.UserGroupMemberships)["userId"] == "00u-ada@example.com"


def test_everybody_whom_okta_does_not_know_is_named_before_anything_is_made(program, cloud):
    cloud.unknown |= {"adda@example.com", "jon@example.com"}
    groups = {
        "One": {"roles": ["Developer"], "members": ["adda@example.com", "grace@example.com"]},
        "Two": {"roles": ["Developer"], "members": ["jon@example.com"]},
    }

    with pytest.raises(pulumi.RunError) as refused:
        program(groups=groups)

    assert str(refused.value) == (
        "okta-aws-federation:groups.One.members = 'adda@example.com', "
        "okta-aws-federation:groups.Two.members = 'jon@example.com': not in Okta; "
        "correct the login, or add the person under people"
    )
    assert not [each for each in cloud.resources if not each.typ.startswith("pulumi:")]


@pytest.mark.parametrize(
    ("look_up", "what"),
    [
        ("getUsers", "people: "),
        ("getGroups", "group Directory: "),
        ("getMetadataSaml", "the SAML metadata of Okta app federation-app-id: "),
    ],
)
def test_a_look_up_that_fails_ends_in_one_line(program, cloud, look_up, what):
    cloud.failing[look_up] = "1 error occurred:\n\t* the API returned an error: Invalid token\n\n"
    groups = {"Directory": {"roles": ["Developer"], "existing": True, "members": ["ada@x.de"]}}

    with pytest.raises(pulumi.RunError) as refused:
        program(groups=groups)

    [line] = str(refused.value).splitlines()
    assert line.startswith(
        f"{what}can't be looked up in Okta: the API returned an error: Invalid token; "
    )


def test_every_existing_group_that_is_not_there_is_named(program, cloud):
    cloud.unknown |= {"Directory"}

    with pytest.raises(pulumi.RunError, match=r"groups.Directory: not in Okta; correct the name"):
        program(groups={"Directory": {"roles": ["Developer"], "existing": True}})


def test_people_and_groups_are_looked_up_in_the_org_of_the_stack_file(program, cloud):
    groups = {
        "Directory": {"roles": ["Developer"], "existing": True, "members": ["ada@example.com"]},
        "By id": {"roles": ["Developer"], "id": DIRECTORY},
    }

    program(groups=groups, okta={"org": "acme"})

    assert len(cloud.lookups) == 3
    assert cloud.lookup_providers == {"okta"}


def test_an_id_that_okta_does_not_have_is_named(program, cloud):
    cloud.unknown |= {DIRECTORY}

    with pytest.raises(pulumi.RunError, match=rf"groups.Directory = '{DIRECTORY}': not in Okta"):
        program(groups={"Directory": {"roles": ["Developer"], "id": DIRECTORY}})


@pytest.mark.parametrize("reference", [{"existing": True}, {"id": DIRECTORY}])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("members", ["ada@example.com"]),
        ("temporary", {"ada@example.com": "2999-12-31"}),
        ("rule", 'user.department=="Engines"'),
    ],
)
@pytest.mark.parametrize("kind", ["APP_GROUP", "BUILT_IN"])
def test_people_of_a_group_that_a_directory_masters_are_refused(
    program, cloud, reference, field, value, kind
):
    group = {"roles": ["Developer"], **reference}
    cloud.group_types = {"Directory": [kind], DIRECTORY: [kind]}

    program(groups={"Directory": group})
    with pytest.raises(
        pulumi.RunError,
        match=rf"groups.Directory.{field}: the group is of type {kind}, whose people",
    ):
        program(groups={"Directory": group | {field: value}})


@pytest.mark.parametrize(
    ("sources", "kind", "fix"),
    [
        ("okta", "APP_GROUP", "add the group's source to it, such as active_directory"),
        ("active_directory", "OKTA_GROUP", "add okta to it"),
    ],
)
def test_a_role_group_that_the_app_filter_passes_over_is_refused(
    program, cloud, sources, kind, fix
):
    name = "aws_111111111111_Developer"
    cloud.group_types = {name: [kind]}
    groups = {name: {"roles": ["Developer"], "existing": True}}

    with pytest.raises(
        pulumi.RunError, match=rf"app.appFilter = '{sources}': passes over {name}.*; {fix}"
    ):
        program(MAPPED, app={"appFilter": sources}, groups=groups)

    program(MAPPED, app={"appFilter": "okta, active_directory"}, groups=groups)
    assert cloud.one(okta.app.GroupAssignment)["groupId"] == f"00g-{name}"
    assert not cloud.of(okta.group.Group), "the role's own group is there"


def test_a_group_whose_name_differs_in_case_is_not_the_one_that_is_looked_up(program, cloud):
    cloud.group_names = {"Directory": "DIRECTORY"}

    with pytest.raises(pulumi.RunError, match=r"groups.Directory: not in Okta; correct the name"):
        program(groups={"Directory": {"roles": ["Developer"], "existing": True}})


def test_a_name_that_two_groups_have_is_refused_with_their_ids(program, cloud):
    cloud.group_types = {"Directory": ["OKTA_GROUP", "APP_GROUP"]}

    with pytest.raises(
        pulumi.RunError,
        match=r"is the name of 2 groups in Okta: 00g-Directory \(APP_GROUP\), .*; add id",
    ):
        program(groups={"Directory": {"roles": ["Developer"], "existing": True}})


def test_memberships_of_an_earlier_release_are_retained_for_one_update(program, cloud):
    cloud.last_outputs = {"contractVersion": 1}
    both = {"roles": ["Developer"], "members": ["ada@example.com", "mary-ann@example.com"]}

    program(groups={"One": both, "Two": both}, protect=True)

    requests = [
        request
        for (kind, _), request in cloud.engine.requests.items()
        if kind == "okta:index/userGroupMemberships:UserGroupMemberships"
    ]
    retained = {
        each.name: [alias.spec.name for alias in each.aliases]
        for each in requests
        if each.retainOnDelete
    }
    assert {each.name for each in requests if not each.retainOnDelete} == {*both["members"]}
    assert not any(each.protect for each in requests)
    former = [each for each in requests if each.retainOnDelete]
    assert {each.parent.rpartition("::")[2] for each in former} == {"One", "Two"}
    memberships = cloud.of(okta.UserGroupMemberships)
    assert memberships["One-ada@example.com"]["groups"] == ["One-group-id"]
    assert retained == {
        "One-ada@example.com": ["One-ada@example.com"],
        "One-mary~1ann@example.com": ["One-mary-ann@example.com"],
        "Two-ada@example.com": ["Two-ada@example.com"],
        "Two-mary~1ann@example.com": ["Two-mary-ann@example.com"],
    }


@pytest.fixture
def pauses(monkeypatch):
    """Seconds for which the program waits before it reads again."""
    seconds = []
    monkeypatch.setattr(components.last_outputs.time, "sleep", seconds.append)
    return seconds


def test_a_state_that_is_being_written_is_read_again(program, cloud, pauses):
    cloud.last_outputs, cloud.torn_reads = {"contractVersion": 1}, 2

    program()

    assert {"AWSDeveloper-ada@example.com", "ada@example.com"} == set(
        cloud.of(okta.UserGroupMemberships)
    )
    assert pauses == [0.05, 0.1]


def test_a_state_that_stays_unreadable_is_an_error_of_one_line(program, cloud, pauses):
    cloud.torn_reads = 6

    with pytest.raises(pulumi.RunError, match=r"^the outputs of stack .*/test: failed to load"):
        program()

    assert len(pauses) == 5
    assert not cloud.of(okta.UserGroupMemberships)


def waits_for(cloud, kind):
    """Types of the resources that those of a kind wait for."""
    requests = [r for r in cloud.engine.requests.values() if r.type.endswith(kind)]
    return {urn.split("::")[2].rpartition(":")[2] for r in requests for urn in r.dependencies}


def test_a_change_to_group_mapping_has_the_memberships_before_the_app(program, cloud):
    cloud.last_outputs = {"appId": "0oa-deployed", "provisioningAccessKeyId": "AKIA"}

    program(base=MAPPED)

    assert waits_for(cloud, ":OktaAwsApp") == {"UserGroupMemberships", "Rule"}
    for assignment in cloud.of(okta.app.GroupAssignment).values():
        assert "profile" not in assignment
    assert "Saml" in waits_for(cloud, ":GroupAssignment"), "else roles end before the change"


def test_a_change_back_has_the_assignments_before_the_app(program, cloud):
    cloud.last_outputs = {"appId": "0oa-deployed"}

    program(provisioning={"integration": "done"})

    assert waits_for(cloud, ":OktaAwsApp") == {"GroupAssignment"}
    assert "Saml" in waits_for(cloud, ":UserGroupMemberships"), "they leave the role groups"
    assignment = cloud.one(okta.app.GroupAssignment)
    assert assignment["appId"] == "0oa-deployed"
    assert json.loads(assignment["profile"])["samlRoles"] == ["Developer"]


@pytest.mark.parametrize(
    ("base", "last"),
    [
        (MAPPED, {}),
        (MAPPED, {"appId": "0oa-deployed"}),
        (RIGHT, {"appId": "0oa-deployed", "provisioningAccessKeyId": "AKIA"}),
    ],
    ids=["first", "mapping", "roles"],
)
def test_without_a_change_of_mode_the_app_waits_for_nobody(program, cloud, base, last):
    cloud.last_outputs = last

    program(base=base)

    assert waits_for(cloud, ":OktaAwsApp") == set()


def test_a_stack_that_has_moved_has_a_resource_for_each_person_only(program, cloud):
    cloud.last_outputs = {"contractVersion": 1, "membershipResources": "person"}

    program()

    assert list(cloud.of(okta.UserGroupMemberships)) == ["ada@example.com"]


def test_each_account_is_entered_in_its_own_way_and_pinned(program, cloud):
    program(base=MAPPED)

    clouds = cloud.of(Provider)
    assert (clouds["one"]["profile"], clouds["two"]["region"]) == ("first", "eu-west-1")
    [role] = json.loads(clouds["two"]["assumeRoles"])
    assert role == {"roleArn": "arn:aws:iam::222222222222:role/Deployer"}
    assert json.loads(clouds["one"]["allowedAccountIds"]) == ["111111111111"]


def test_a_change_of_mode_leaves_the_role_what_it_is(program, cloud):
    """Made anew, AWS would refuse it: the old one has its name until the end of the update."""
    program()
    assert former_names(cloud, "Developer") == ["main-Developer"]

    program(mode="group-mapping")
    assert former_names(cloud, "main-Developer") == ["Developer"]


def test_among_several_accounts_no_role_takes_the_place_of_an_older_one(program, cloud):
    program(MAPPED)

    assert former_names(cloud, "one-Developer") == former_names(cloud, "two-Developer") == []


CONFUSABLE = MAPPED | {
    "accounts": {
        "prod": {"id": "111111111111", "region": "us-east-1"},
        "prod-eu": {"id": "222222222222", "region": "us-east-1"},
    },
    "roles": {
        "Reader": {"accounts": ["prod-eu"], "customerPolicies": {"eu-All": [READ], "All": [READ]}},
        "eu-Reader": {"accounts": ["prod"], "inlinePolicies": {"All": [READ], "eu-All": [READ]}},
    },
    "groups": {
        "AWS": {"roles": ["Reader"], "members": ["Dev-ada@example.com"]},
        "AWS-Dev": {"roles": ["eu-Reader"], "members": ["ada@example.com"]},
    },
}


def test_roles_people_and_policies_whose_names_could_be_confused_stay_apart(program, cloud):
    program(CONFUSABLE)

    registered = [(each.typ, each.name) for each in cloud.resources]
    assert len(registered) == len(set(registered)), "the engine refuses a name that it has met"
    roles = [each for each in cloud.resources if each.typ == "aws:iam/role:Role"]
    assert {(each.name, each.inputs["name"]) for each in roles} == {
        ("prod-eu-Reader-role", "Reader"),
        ("prod-eu~1Reader-role", "eu-Reader"),
    }
    memberships = cloud.of(okta.UserGroupMemberships).values()
    assert sorted(len(each["groups"]) for each in memberships) == [2, 2], "a group and a role group"


def test_a_role_s_former_name_is_taken_over_unless_another_has_it_today(program, cloud):
    program(CONFUSABLE)
    assert former_names(cloud, "prod-eu~1Reader") == [], "prod-eu-Reader is another role's name"

    rest = {
        "roles": {"eu-Reader": {"accounts": ["prod"]}},
        "groups": {"G": {"roles": ["eu-Reader"], "temporary": {}}},
    }
    program(CONFUSABLE, **rest)
    assert former_names(cloud, "prod-eu~1Reader") == ["prod-eu-Reader"]


def test_outputs_never_name_one_role_by_the_key_of_another(program, exported):
    program(CONFUSABLE)

    assert set(exported["roles"]) == {"prod-eu/Reader", "prod/eu-Reader"}


def former_names(cloud, role):
    return [alias.spec.name for alias in cloud.engine.component(role).aliases]


def test_group_mapping_makes_no_user_and_puts_people_into_named_groups(program, cloud):
    program(base=MAPPED)

    assert not cloud.of(iam.User)
    assert not cloud.of(iam.AccessKey)
    settings = json.loads(cloud.one(okta.app.Saml)["appSettingsJson"])
    assert settings["useGroupMapping"] is True
    assigned = cloud.of(okta.app.GroupAssignment)
    assert {each["groupId"] for each in assigned.values()} == {
        "Engineers-group-id",
        "By rule-group-id",
    }
    members = cloud.one(okta.UserGroupMemberships)["groups"]
    assert set(members) == {
        "Engineers-group-id",
        "aws_111111111111_Developer-group-id",
        "aws_222222222222_Developer-group-id",
    }
    rules = {name: each["expressionValue"] for name, each in cloud.of(okta.group.Rule).items()}
    assert rules == {
        "By rule-rule": 'user.title=="x"',
        "aws_222222222222_Developer-rule": '(user.title=="x")',
    }


@pytest.mark.parametrize("protect", [True, False])
def test_protection_is_data_and_reaches_what_people_enter_by(program, cloud, protect):
    program(protect=protect)

    protected = {
        kind.rpartition(":")[2]
        for (kind, _), request in cloud.engine.requests.items()
        if kind.startswith(("aws:", "okta:")) and request.protect
    }
    kept = {"Saml", "SamlProvider", "Role", "User", "Policy", "Group"}
    kept |= {"GroupPolicyAttachment", "UserGroupMembership"}
    assert protected == (kept if protect else set())


@pytest.mark.parametrize(("days", "warned"), [(40, True), (29, False)])
def test_a_certificate_is_warned_of_as_early_as_the_stack_file_wants(
    program, cloud, monkeypatch, days, warned
):
    said = []
    monkeypatch.setattr(pulumi, "warn", lambda message, resource: said.append(message))
    cloud.certificate_ends = "2026-12-31T08:00:00Z"

    program(app={"certificate": {"warnDays": days}}, today="2026-12-01")

    assert bool(said) is warned


def test_a_role_waits_until_its_account_has_the_provider(program, cloud):
    program(base=MAPPED)

    role = cloud.engine.requests["aws:iam/role:Role", "two-Developer-role"]
    waits = {urn.rpartition("::")[2] for urn in role.dependencies}
    assert waits == {"federation-two-Okta"}, "AWS refuses a trust in a provider that is not there"


def test_a_raised_quota_of_trust_policies_is_used(program, cloud):
    many = {"trust": {"sessionTags": [f"tag-number-{number:03}" for number in range(150)]}}

    with pytest.raises(pulumi.RunError, match=r"trust: makes a trust policy of 2,971"):
        program(roles={"Developer": many})
    assert not cloud.of(iam.Role)

    program(roles={"Developer": many}, quotas={"trustPolicyCharacters": 4096})
    assert cloud.of(iam.Role)


def test_okta_is_called_within_its_rate_limits(program, cloud):
    program(okta={"maxApiCapacity": 50})

    [provider] = [each for each in cloud.resources if each.typ == "pulumi:providers:okta"]
    assert provider.inputs["maxApiCapacity"] == "50"
    assert provider.inputs["maxRetries"] == "8"
    assert "requestTimeout" not in provider.inputs, "it would count the waits for a limit too"
    assert "minWaitSeconds" not in provider.inputs


def test_a_timeout_and_the_first_wait_are_sent_if_the_stack_file_has_them(program, cloud):
    program(okta={"requestTimeoutSeconds": 300, "minWaitSeconds": 5})

    [provider] = [each for each in cloud.resources if each.typ == "pulumi:providers:okta"]
    assert provider.inputs["requestTimeout"] == "300"
    assert provider.inputs["minWaitSeconds"] == "5"


def test_a_group_is_assigned_after_its_roles_are_there(program, cloud):
    program(provisioning={"integration": "done"})

    [assignment] = [
        request
        for (kind, _), request in cloud.engine.requests.items()
        if kind == okta.app.GroupAssignment.pulumi_type
    ]
    assert any("FederatedRole" in urn for urn in assignment.dependencies), "else Okta stops the run"


def test_while_one_provider_takes_over_from_another_every_role_trusts_both(program, cloud):
    program(app={"provider": "OktaTwo", "additionalProviders": ["Okta"]})

    providers = {name: each["name"] for name, each in cloud.of(iam.SamlProvider).items()}
    assert providers == {"federation-main-OktaTwo": "OktaTwo", "federation-main-Okta": "Okta"}
    [statement] = json.loads(cloud.one(iam.Role)["assumeRolePolicy"])["Statement"]
    assert [arn.rpartition("/")[2] for arn in statement["Principal"]["Federated"]] == [
        "OktaTwo",
        "Okta",
    ]
    settings = json.loads(cloud.one(okta.app.Saml)["appSettingsJson"])
    assert settings["identityProviderArn"].endswith(":saml-provider/OktaTwo")
    former = {
        name: [alias.spec.name for alias in request.aliases]
        for (kind, name), request in cloud.engine.requests.items()
        if kind == "aws:iam/samlProvider:SamlProvider"
    }
    assert "federation-main" in former["federation-main-OktaTwo"]
    assert "federation-main" not in former["federation-main-Okta"], "one of them takes over"
