"""The steps of the demo. Each prints what was observed; the first unexpected result ends it."""

import re
from pathlib import Path

from botocore.exceptions import ClientError

from sandbox.clouds import Clouds
from sandbox.demo.administrator import (
    enable_provisioning,
    features,
    inventory,
    refresh_application_data,
)
from sandbox.demo.reporter import Reporter
from sandbox.errors import SandboxError
from sandbox.person import Session, assume, outcome, role_pairs, saml_response, with_other_email
from sandbox.stack import Stack, readable

ADA, GRACE = "ada@example.com", "grace@example.com"


def run(reporter: Reporter, clouds: Clouds, account: str, stack: Stack, folder: Path) -> None:
    before = inventory(clouds, account)
    deploy(reporter, clouds, stack)
    enter(reporter, clouds, account, stack)
    extend(reporter, clouds, stack)
    check_secret_in_files(reporter, stack, folder)
    take_down(reporter, clouds, account, stack, before)


def deploy(reporter: Reporter, clouds: Clouds, stack: Stack) -> None:
    """Both phases, with the step by hand between them."""
    with reporter.step("pulumi up, integration pending") as step:
        stack.create()
        step.saw(readable(stack.up()))
        outputs = stack.outputs(secrets=True)
    with reporter.step("Provisioning tab: key entered, tested, saved") as step:
        step.saw(
            enable_provisioning(
                clouds,
                outputs["appId"],
                outputs["provisioningAccessKeyId"],
                outputs["provisioningSecretAccessKey"],
            )
        )
    with reporter.step("Okta shows that provisioning works") as step:
        matched = features(clouds, outputs["appId"])
        step.expect("PUSH_NEW_USERS" in matched, True, "PUSH_NEW_USERS among the app's features:")
    with reporter.step("pulumi up, integration done") as step:
        stack.configure("provisioning.integration", "done")
        step.saw(readable(stack.up()))


def enter(reporter: Reporter, clouds: Clouds, account: str, stack: Stack) -> None:
    """Ada's sign-in, what she can do in her role, and that a forged response is refused."""
    with reporter.step(f"{ADA} signs in and opens the app") as step:
        link = stack.outputs()["signInUrl"]
        response = saml_response(link, ADA, clouds.people[ADA]["password"], clouds.route)
        pairs = role_pairs(response)
        step.expect([role for role, _ in pairs], [f"arn:aws:iam::{account}:role/OktaDeveloper"])
    with reporter.step("the response is exchanged at STS") as step:
        session = assume(response, *pairs[0], clouds.aws_url)
        arn = f"arn:aws:sts::{account}:assumed-role/OktaDeveloper/{ADA}"
        step.expect(session.caller(), arn, "caller is")
    with reporter.step("EC2 works, S3 is denied") as step:
        step.expect(ec2(session), "allowed", "ec2:DescribeInstances")
        step.expect(s3(session), "AccessDenied", "s3:ListAllMyBuckets")
    with reporter.step("one character of the e-mail changed") as step:
        try:
            assume(with_other_email(response, ADA), *pairs[0], clouds.aws_url)
            code = "accepted"
        except ClientError as error:
            code = error.response["Error"]["Code"]
        step.expect(code, "InvalidIdentityToken", "STS answered")
    with reporter.step("pulumi up again") as step:
        changes = {what: n for what, n in stack.up().items() if what != "unchanged"}
        step.expect(changes, {}, "changes:")


def extend(reporter: Reporter, clouds: Clouds, stack: Stack) -> None:
    """Step 8: edits of the stack file, and their effect on people."""
    with reporter.step("stack file: S3 for developers, but expect forbids") as step:
        stack.configure("roles.OktaDeveloper.managedPolicies[1]", "AmazonS3ReadOnlyAccess")
        step.expect(refusal(stack), "s3:ListAllMyBuckets", "refused before any change, for")
    with reporter.step("stack file: expect follows, one more role; up") as step:
        stack.configure("expect[0].cannot[0]", "s3:CreateBucket")
        stack.configure("roles.OktaAuditor.managedPolicies[0]", "SecurityAudit")
        step.saw(readable(stack.up()))
    outputs = stack.outputs()
    with reporter.step("Okta: Refresh Application Data") as step:
        step.saw(refresh_application_data(clouds, outputs["appId"]))
    with reporter.step("stack file: the role's group, one more person; up") as step:
        stack.configure("groups.AWSAuditor.roles[0]", "OktaAuditor")
        stack.configure("groups.AWSAuditor.members[0]", GRACE)
        step.saw(readable(stack.up()))
    for login, role in ((ADA, "OktaDeveloper"), (GRACE, "OktaAuditor")):
        with reporter.step(f"{login} gets the role {role}") as step:
            password = clouds.people[login]["password"]
            response = saml_response(outputs["signInUrl"], login, password, clouds.route)
            session = assume(response, *role_pairs(response)[0], clouds.aws_url)
            step.expect(session.caller().rpartition("role/")[2], f"{role}/{login}", "caller is")
            step.expect(s3(session), "allowed", "s3:ListAllMyBuckets")


def refusal(stack: Stack) -> str:
    """The action for which an up is refused by what the stack file expects."""
    try:
        return f"nothing: {readable(stack.up())}"
    except SandboxError as error:
        matched = re.search(r"expect\.0\.cannot\.0 = '([\w:]+)': ada@example\.com can", str(error))
        return matched[1] if matched else str(error)


def check_secret_in_files(reporter: Reporter, stack: Stack, folder: Path) -> None:
    with reporter.step("the secret key is in no file") as step:
        secret = stack.outputs(secrets=True)["provisioningSecretAccessKey"].encode()
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        holding = [path.name for path in files if secret in path.read_bytes()]
        step.expect(holding, [], f"of {len(files)} files, these hold it:")


def take_down(
    reporter: Reporter, clouds: Clouds, account: str, stack: Stack, before: set[str]
) -> None:
    with reporter.step("pulumi destroy") as step:
        step.saw(readable(stack.destroy()))
    with reporter.step("Okta and AWS are as they were before") as step:
        left = sorted(inventory(clouds, account) - before)
        step.expect(left, [], "left behind:")


def ec2(session: Session) -> str:
    return outcome(session.client("ec2").describe_instances)


def s3(session: Session) -> str:
    return outcome(session.client("s3").list_buckets)
