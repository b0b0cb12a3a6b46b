"""The components as a package for other languages: the schema, and arguments from properties."""

import asyncio
import dataclasses
import json
from datetime import date

import pulumi
import pytest
from pulumi.output import _OutputData

import components
from components.plugin.arguments import build
from components.plugin.schema import COMPONENTS, PACKAGE, package_schema

SCHEMA = json.loads(package_schema("1.2.3")[0])
ROLE = {"roleName": "Reports", "providerArns": ["arn:aws:iam::123456789012:saml-provider/Okta"]}


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def described():
    """Each class of arguments with its properties and required ones in the schema."""
    for component, args in COMPONENTS.items():
        resource = SCHEMA["resources"][f"{PACKAGE}:index:{component.__name__}"]
        yield args, resource["inputProperties"], resource.get("requiredInputs") or []
    for name, kind in SCHEMA["types"].items():
        if "enum" not in kind:
            yield (
                getattr(components, name.rpartition(":")[2]),
                kind["properties"],
                kind.get("required", []),
            )


@pytest.mark.parametrize(
    ("kind", "properties", "required"),
    list(described()),
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_schema_has_every_argument_with_its_description(kind, properties, required):
    fields = {
        camel(each.name): each
        for each in dataclasses.fields(kind)
        if (kind, each.name) != (components.FederatedRoleArgs, "app")  # a component of Python
    }
    without_default = {
        name
        for name, each in fields.items()
        if each.default is each.default_factory is dataclasses.MISSING and name != "roles"
    }
    assert properties.keys() == fields.keys()
    assert set(required) == without_default
    assert [name for name, each in properties.items() if not each.get("description")] == []


def test_components_have_a_description_and_outputs_with_one():
    for resource in SCHEMA["resources"].values():
        assert resource["isComponent"]
        assert resource["description"]
        assert all(each["description"] for each in resource["properties"].values())


def test_unions_dates_whole_numbers_and_enumerations_have_their_types():
    app = SCHEMA["resources"][f"{PACKAGE}:index:OktaAwsApp"]["inputProperties"]
    trust = SCHEMA["types"][f"{PACKAGE}:index:Trust"]["properties"]
    kinds = SCHEMA["types"][f"{PACKAGE}:index:StoreKind"]

    for argument, kind in {"commandLine": "CommandLineApp", "signOnPolicy": "SignOnPolicy"}.items():
        assert app[argument]["oneOf"] == [
            {"type": "string"},
            {"$ref": f"#/types/{PACKAGE}:index:{kind}"},
        ]
    assert (trust["opens"]["type"], app["sessionHours"]["type"]) == ("string", "integer")
    assert [each["value"] for each in kinds["enum"]] == ["ssm", "secretsmanager"]


def test_the_secret_key_alone_is_marked_as_a_secret():
    secrets = {
        (name.rpartition(":")[2], output)
        for name, resource in SCHEMA["resources"].items()
        for output, each in resource["properties"].items()
        if each.get("secret")
    }
    assert secrets == {("ProvisioningUser", "secretAccessKey")}


def test_properties_become_the_arguments_of_python():
    made = build(
        components.OktaAwsAppArgs,
        {
            "accountId": "123456789012",
            "sessionHours": 4.0,
            "active": True,
            "label": None,
            "commandLine": {"label": "CLI"},
            "signOnPolicy": "rst1",
            "certificate": {"today": "2026-12-31", "additionalKeyIds": ["k1"]},
            "sessionTags": {"team": "user.department"},
        },
    )

    assert made == components.OktaAwsAppArgs(
        account_id="123456789012",
        session_hours=4,
        command_line=components.CommandLineApp(label="CLI"),
        sign_on_policy="rst1",
        certificate=components.Certificate(today=date(2026, 12, 31), additional_key_ids=["k1"]),
        session_tags={"team": "user.department"},
    )


def test_any_json_of_a_trust_policy_keeps_its_whole_numbers():
    condition = {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600.0}}

    made = build(components.FederatedRoleArgs, ROLE | {"trust": {"conditions": condition}})

    assert json.dumps(made.trust.conditions).endswith("3600}}")


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"role": "x"}, "role is no argument; there are roleName, app"),
        ({"path": "/"}, "roleName is required"),
        (ROLE | {"maxSessionHours": 1.5}, "maxSessionHours must be a whole number, not 1.5"),
        (ROLE | {"maxSessionHours": True}, "maxSessionHours must be a whole number, not True"),
        (ROLE | {"maxSessionHours": 13}, "max_session_hours must be 1 to 12, not 13"),
        (ROLE | {"roleName": ["x"]}, r"roleName must be a string, not \['x'\]"),
        (ROLE | {"trust": "x"}, "trust must be an object, not 'x'"),
        (ROLE | {"trust": {"opens": "soon"}}, "trust.opens must be a day such as 2026-12-31"),
        (ROLE | {"trust": {"sourceIps": "10.0.0.0/8"}}, "trust.sourceIps must be a list"),
        (ROLE | {"tags": {"team": 1.5}}, "tags.team must be a string, not 1.5"),
        (ROLE | {"policies": {"exclusive": "no"}}, "policies.exclusive must be true or false"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_not_be_right_is_refused_with_its_path(properties, message):
    with pytest.raises(components.InvalidArgs, match=message):
        build(components.FederatedRoleArgs, properties)


def test_a_store_of_another_kind_is_refused_with_those_that_there_are():
    store = {"kind": "vault", "name": "key"}

    with pytest.raises(components.InvalidArgs, match=r"store\.kind must be ssm or"):
        build(components.ProvisioningUserArgs, {"store": store})


def output(value, *, known=True, secret=False):
    """An output as the engine sends it: with its value."""
    data = asyncio.get_running_loop().create_future()
    data.set_result(_OutputData(resources=set(), value=value, is_known=known, is_secret=secret))
    return pulumi.Output._from_data(data)


def built(**changes):
    """A role's arguments, made as the provider makes them: inside of a running loop."""

    async def make():
        return build(
            components.FederatedRoleArgs,
            ROLE | {name: output(*value, **options) for name, (value, options) in changes.items()},
        )

    return asyncio.run(make())


def test_a_known_output_is_a_value():
    endpoint = "https://signin.aws.amazon.com/saml"

    assert built(audiences=([[endpoint]], {})).audiences == [endpoint]


def test_an_arn_may_be_known_after_the_update_alone():
    arn = ([None], {"known": False})

    assert isinstance(built(permissionsBoundary=arn).permissions_boundary, pulumi.Output)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"known": False}, "roleName must be known before the update"),
        ({"secret": True}, "roleName must not be a secret: it is stored and shown in clear"),
    ],
)
def test_a_name_that_is_not_known_or_secret_is_refused(options, message):
    with pytest.raises(components.InvalidArgs, match=message):
        built(roleName=(["Reports"], options))
