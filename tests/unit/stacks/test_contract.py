"""What a stack exports is what was promised: today's stacks, yesterday's consumers, and back."""

import json
import runpy
from pathlib import Path

import jsonschema
import pulumi
import pytest
import yaml

from okta_aws_federation import stack_outputs
from okta_aws_federation.stack_reference import ContractError, Federation

ROOT = Path(__file__).parents[3]
STACKS = sorted([*ROOT.glob("Pulumi.*.yaml"), *ROOT.glob("examples/*/Pulumi.*.yaml")])
TODAY = json.loads((ROOT / "docs" / "reference" / "outputs.schema.json").read_text())
RELEASED = Path(__file__).parent / "contract_v1"
SCHEMA = json.loads((RELEASED / "schema.json").read_text())
SAMPLE = json.loads((RELEASED / "outputs.json").read_text())
NAME = "organization/okta-aws-federation/dev"
SECRET = "provisioningSecretAccessKey"


def config_of(stack):
    return yaml.safe_load(stack.read_text())["config"]


@pytest.fixture
def outputs_of(deploy, monkeypatch):
    """Run the program with a stack's configuration; answers with what it exported."""

    def outputs_of(config):
        found = {}

        def export(name, value):
            pulumi.Output.from_input(value).apply(lambda plain: found.update({name: plain}))

        monkeypatch.setattr(pulumi, "export", export)
        deploy(config)
        return found

    return outputs_of


@pytest.fixture
def read(cloud, run):
    """What a consumer makes of a stack's outputs: `read(lambda: Federation(NAME).app_id)`."""

    def read(reading, outputs, *, make=Federation):
        cloud.stacks[NAME] = outputs
        found = {}

        async def keep(output):
            found.update(value=await output.future(), secret=await output.is_secret())

        run(lambda: pulumi.Output.from_input(keep(reading(make(NAME)))).apply(lambda _: None))
        return found["value"], found["secret"]

    return read


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.stem)
def test_a_stack_exports_what_is_promised_and_nothing_besides(outputs_of, stack):
    outputs = outputs_of(config_of(stack))

    jsonschema.validate(outputs, TODAY)
    jsonschema.validate(outputs, SCHEMA)
    assert set(outputs) <= set(stack_outputs.Outputs.__annotations__)


def test_each_output_is_of_the_resource_that_it_names(outputs_of):
    account, role = "123456789012", "Developer"
    provider = f"arn:aws:iam::{account}:saml-provider/Okta"

    outputs = outputs_of(
        {
            f"okta-aws-federation:{section}": value
            for section, value in {
                "accounts": {"main": {"id": account, "region": "us-east-1"}},
                "roles": {role: {}},
                "groups": {"AWSDeveloper": {"roles": [role]}},
                "provisioning": {"keys": ["2026-11", "2026-05"]},
            }.items()
        }
    )

    trust = json.loads(outputs.pop("trustPolicies")[role])
    assert trust["Statement"][0]["Principal"] == {"Federated": provider}
    arn = "arn:Developer-role"
    assert outputs == {
        "contractVersion": 1,
        "appId": "federation-app-id",
        "signInUrl": "https://dev-1.okta.test/home/amazon_aws/federation-app-id/272",
        "certificateExpires": "2999-01-01T00:00:00Z",
        "samlProviderArns": {"main": provider},
        "roles": {role: {"arn": arn, "pair": f"{provider},{arn}"}},
        "membershipResources": "person",
        "groupIds": {"AWSDeveloper": "AWSDeveloper-group-id"},
        "provisioningAccessKeyId": "provisioning-key-2026-11-id",
        SECRET: "secret of provisioning-key-2026-11",
    }


@pytest.mark.parametrize("name", SCHEMA["properties"])
def test_an_output_of_version_1_is_there_and_has_its_form(name):
    assert TODAY["properties"][name]["type"] == SCHEMA["properties"][name]["type"]
    assert (name in TODAY["required"]) == (name in SCHEMA["required"])


def test_a_stack_that_was_deployed_earlier_still_keeps_the_contract():
    jsonschema.validate(SAMPLE, SCHEMA)
    jsonschema.validate(SAMPLE, TODAY)
    assert SAMPLE["contractVersion"] == stack_outputs.VERSION


def test_a_consumer_of_earlier_reads_a_stack_of_today(outputs_of, read):
    outputs = outputs_of(config_of(ROOT / "Pulumi.dev.yaml"))
    earlier = runpy.run_path(str(RELEASED / "consumer.py"))["Federation"]

    trust, _ = read(lambda stack: stack.trust_policy("OktaDeveloper"), outputs, make=earlier)
    name, _ = read(lambda stack: stack.role_name("OktaDeveloper"), SAMPLE, make=earlier)

    assert json.loads(trust)["Statement"][0]["Action"] == "sts:AssumeRoleWithSAML"
    assert name == "OktaDeveloper"


READINGS = {
    "appId": lambda stack: stack.app_id,
    "signInUrl": lambda stack: stack.sign_in_url,
    "certificateExpires": lambda stack: stack.certificate_expires,
    "samlProviderArns.main": lambda stack: stack.saml_provider_arn("main"),
    "roles.OktaDeveloper.arn": lambda stack: stack.role_arn("OktaDeveloper"),
    "roles.OktaDeveloper.pair": lambda stack: stack.role_pair("OktaDeveloper"),
    "trustPolicies.OktaDeveloper": lambda stack: stack.trust_policy("OktaDeveloper"),
    "groupIds.AWSDeveloper": lambda stack: stack.group_id("AWSDeveloper"),
    "provisioningAccessKeyId": lambda stack: stack.provisioning_access_key_id,
    SECRET: lambda stack: stack.provisioning_secret_access_key,
}


@pytest.mark.parametrize("path", READINGS)
def test_a_consumer_of_today_reads_a_stack_of_earlier(read, path):
    value, secret = read(READINGS[path], SAMPLE)

    expected = SAMPLE
    for key in path.split("."):
        expected = expected[key]
    assert value == expected
    assert secret == (path == SECRET), "one secret makes no secret of everything"


def test_every_output_can_be_read():
    assert {path.partition(".")[0] for path in READINGS} == set(SCHEMA["properties"]) - {
        "contractVersion"
    }


@pytest.mark.parametrize(
    ("change", "reading", "said"),
    [
        (
            {"appId": None},
            READINGS["appId"],
            f"{NAME} has no output appId (it has contractVersion, groupIds, roles); deploy it with "
            "a program and in a mode that exports appId",
        ),
        (
            {},
            lambda stack: stack.role_arn("OktaDevelper"),
            f"{NAME} has no OktaDevelper in its output roles (it has OktaDeveloper); did you mean "
            "OktaDeveloper?",
        ),
        (
            {},
            lambda stack: stack.group_id("Auditors"),
            f"{NAME} has no Auditors in its output groupIds (it has AWSDeveloper); add Auditors to "
            "the stack file, and deploy it",
        ),
        (
            {"contractVersion": 2},
            READINGS["appId"],
            f"{NAME} has outputs of version 2, and this package reads version 1; install the "
            "okta-aws-federation that the stack is deployed with",
        ),
        (
            {"contractVersion": None},
            READINGS["appId"],
            f"{NAME} has no output contractVersion, so it is no stack of okta-aws-federation (it "
            "has appId, groupIds, roles); name one that is",
        ),
    ],
)
def test_what_is_not_there_is_said_in_one_line(read, change, reading, said):
    kept = ("appId", "contractVersion", "groupIds", "roles")
    outputs = {name: SAMPLE[name] for name in kept} | change
    outputs = {name: value for name, value in outputs.items() if value is not None}

    with pytest.raises(ContractError) as refused:
        read(reading, outputs)

    assert str(refused.value) == said


def test_a_stack_that_was_never_deployed_says_so(read):
    with pytest.raises(ContractError, match="has no outputs yet; deploy it first: pulumi up"):
        read(READINGS["appId"], {})
