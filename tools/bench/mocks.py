"""The program alone, under Pulumi's mocks: `python -m tools.bench.mocks program|bare ROLES`.

`bare` registers the same resources with nothing but the SDK: what no program can do without.
"""

import asyncio
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi_aws import iam
from pulumi_okta import app, group

from tools.bench.companies import company

ROOT = Path(__file__).parents[2]
LATER = "2999-01-01T00:00:00Z"
CERTIFICATE = "QUJD" * 300
METADATA = (
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
    ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="http://www.okta.com/exk1">'
    '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
    '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>'
    f"<ds:X509Certificate>{CERTIFICATE}</ds:X509Certificate>"
    "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor></md:IDPSSODescriptor></md:EntityDescriptor>"
)
"""As Okta's, with a certificate of the right length and no meaning."""
PROVIDER = "aws:iam/samlProvider:SamlProvider"
KEYS = [{"kid": "k", "x5cs": [CERTIFICATE], "expiresAt": LATER}]
COMPUTED = {"metadata": METADATA, "keyId": "k", "keys": KEYS, "validUntil": LATER, "secret": "s"}


class Accept(pulumi.runtime.Mocks):
    """Clouds that accept everything; `resources` counts."""

    resources = 0

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """The inputs, and what a cloud computes."""
        self.resources += 1
        kind = "saml-provider" if args.typ == PROVIDER else "role"
        arn = f"arn:aws:iam::123456789012:{kind}/{args.inputs.get('name')}"
        computed = {"name": args.name, "createDate": LATER, "arn": arn, **COMPUTED}
        return f"{args.name}-id", computed | args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        """Everybody is in Okta; the stack is new."""
        logins = [each["value"] for each in args.args.get("searches", ())]
        users = [{"id": f"00u-{login}", "login": login} for login in logins]
        return {**args.args, "users": users, "metadata": METADATA, "outputs": {}}


def program(roles: int) -> None:
    """The program of this repository, with a group for each role and nobody in it."""
    sections = company(roles, 0)
    sections["groups"]["Group 0"]["temporary"] = {}  # A stack that nobody enters is refused.
    values = {f"okta-aws-federation:{key}": each for key, each in sections.items()}
    pulumi.runtime.set_all_config({key: json.dumps(each) for key, each in values.items()})
    runpy.run_path(str(ROOT / "__main__.py"))


def bare(roles: int) -> None:
    """Components, roles, attachments, groups and assignments, as the program has them."""
    for n in range(roles):
        role_component = pulumi.ComponentResource("bench:index:Role", f"role{n}")
        opts = pulumi.ResourceOptions(parent=role_component)
        role = iam.Role(f"role{n}", name=f"Role{n}", assume_role_policy="{}", opts=opts)
        iam.RolePolicyAttachment(f"policy{n}", role=role.name, policy_arn="arn:aws:x", opts=opts)
        role_component.register_outputs({"arn": role.arn})
        group_component = pulumi.ComponentResource("bench:index:Group", f"group{n}")
        opts = pulumi.ResourceOptions(parent=group_component, depends_on=[role_component])
        people = group.Group(f"group{n}", name=f"Group {n}", opts=opts)
        app.GroupAssignment(f"assignment{n}", app_id="a", group_id=people.id, opts=opts)
        group_component.register_outputs({"groupId": people.id})


def main(which: str, roles: int) -> None:
    """Run one of the two, and print how many resources it registered."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    cloud = Accept()
    pulumi.runtime.set_mocks(cloud, "okta-aws-federation", "bench", preview=False)
    run = {"program": program, "bare": bare}[which]
    pulumi.runtime.test(lambda: run(roles))()  # type: ignore[no-untyped-call]
    print(cloud.resources)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
