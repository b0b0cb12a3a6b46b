"""Permissions with which a person can give themselves more."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pulumi_policy import (
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

import documents
import holders
from documents import Statement
from findings import Finding, configurable, of, reporting
from holders import Held, Holder
from privileges import NOUNS, Document, documents_in, everything


class Way(NamedTuple):
    """Actions that together raise the rights of whoever may do them all, and how."""

    actions: tuple[str, ...]
    how: str


WAYS = {
    "CreateNewPolicyVersion": Way(
        ("iam:CreatePolicyVersion",), "rewrites a policy that its holder has"
    ),
    "SetExistingDefaultPolicyVersion": Way(
        ("iam:SetDefaultPolicyVersion",), "brings back a wider version of a policy"
    ),
    "AttachUserPolicy": Way(("iam:AttachUserPolicy",), "gives any policy to a user"),
    "AttachGroupPolicy": Way(("iam:AttachGroupPolicy",), "gives any policy to a group"),
    "AttachRolePolicy": Way(("iam:AttachRolePolicy",), "gives any policy to a role"),
    "PutUserPolicy": Way(("iam:PutUserPolicy",), "writes any policy into a user"),
    "PutGroupPolicy": Way(("iam:PutGroupPolicy",), "writes any policy into a group"),
    "PutRolePolicy": Way(("iam:PutRolePolicy",), "writes any policy into a role"),
    "AddUserToGroup": Way(("iam:AddUserToGroup",), "puts a user into a stronger group"),
    "CreateAccessKey": Way(("iam:CreateAccessKey",), "makes a key of a stronger user"),
    "CreateLoginProfile": Way(("iam:CreateLoginProfile",), "gives a stronger user a password"),
    "UpdateLoginProfile": Way(("iam:UpdateLoginProfile",), "changes a stronger user's password"),
    "UpdateRolePolicyToAssumeIt": Way(
        ("iam:UpdateAssumeRolePolicy",), "opens a stronger role to its holder"
    ),
    "ReplaceIdentityProvider": Way(
        ("iam:UpdateSAMLProvider",), "signs assertions for every role that trusts the provider"
    ),
    "DeleteRolePermissionsBoundary": Way(
        ("iam:DeleteRolePermissionsBoundary",), "takes the bounds off a role"
    ),
    "DeleteUserPermissionsBoundary": Way(
        ("iam:DeleteUserPermissionsBoundary",), "takes the bounds off a user"
    ),
    "AssumeAnyRole": Way(("sts:AssumeRole",), "enters every role that trusts the account"),
    "CreateEC2WithExistingIP": Way(
        ("iam:PassRole", "ec2:RunInstances"), "runs a machine as a stronger role"
    ),
    "PassExistingRoleToNewLambdaThenInvoke": Way(
        ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
        "runs code as a stronger role",
    ),
    "PassExistingRoleToNewLambdaThenTriggerWithExistingDynamo": Way(
        ("iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
        "runs code as a stronger role",
    ),
    "EditExistingLambdaFunctionWithRole": Way(
        ("lambda:UpdateFunctionCode",), "runs code as the role of any function"
    ),
    "PassExistingRoleToNewGlueDevEndpoint": Way(
        ("iam:PassRole", "glue:CreateDevEndpoint"), "opens a shell as a stronger role"
    ),
    "UpdateExistingGlueDevEndpoint": Way(
        ("glue:UpdateDevEndpoint",), "opens a shell as the role of any endpoint"
    ),
    "PassExistingRoleToCloudFormation": Way(
        ("iam:PassRole", "cloudformation:CreateStack"), "deploys anything as a stronger role"
    ),
    "PassExistingRoleToNewDataPipeline": Way(
        ("iam:PassRole", "datapipeline:CreatePipeline"), "runs commands as a stronger role"
    ),
    "PassExistingRoleToNewCodeBuildProject": Way(
        ("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"),
        "runs commands as a stronger role",
    ),
    "PassExistingRoleToNewECSTask": Way(
        ("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
        "runs a container as a stronger role",
    ),
    "PassExistingRoleToNewSageMakerNotebook": Way(
        (
            "iam:PassRole",
            "sagemaker:CreateNotebookInstance",
            "sagemaker:CreatePresignedNotebookInstanceUrl",
        ),
        "opens a notebook as a stronger role",
    ),
    "PassExistingRoleToSpotInstance": Way(
        ("iam:PassRole", "ec2:RequestSpotInstances"), "runs a machine as a stronger role"
    ),
    "PassExistingRoleToNewGlueJob": Way(
        ("iam:PassRole", "glue:CreateJob", "glue:StartJobRun"), "runs code as a stronger role"
    ),
    "PassExistingRoleToNewStateMachine": Way(
        ("iam:PassRole", "states:CreateStateMachine", "states:StartExecution"),
        "calls any service as a stronger role",
    ),
    "PassExistingRoleToNewSchedule": Way(
        ("iam:PassRole", "scheduler:CreateSchedule"), "calls any service as a stronger role"
    ),
    "UpdateExistingStack": Way(
        ("cloudformation:UpdateStack",), "deploys anything as the role of any stack"
    ),
    "RunCommandOnInstance": Way(("ssm:SendCommand",), "runs commands as the role of any machine"),
    "StartSessionOnInstance": Way(
        ("ssm:StartSession",), "opens a shell as the role of any machine"
    ),
}
"""Name -> way.

Most are Rhino Security Labs' "AWS IAM Privilege Escalation - Methods and Mitigation", under the
names that cloudsplaining (and with it checkov) uses. Added: the identity provider, permission
boundaries, sts:AssumeRole on everything, and services from prowler's table. Three ask for no
sts:AssumeRole, which cloudsplaining does: who attaches to a role, writes into it or opens it may be
in it already, or be named in its new trust policy.
"""


def escalations(written: Iterable[Document]) -> list[str]:
    """Names of the ways that documents, held together, open on resources that are not limited.

    Other conditions do not close a way, for whoever meets them goes through. A Deny on everything
    without a condition does.
    """
    statements = [s for document in written for s in documents.statements(document)]
    allows = [s for s in statements if s.effect == "Allow" and unlimited(s)]
    denies = [
        s for s in statements if s.effect == "Deny" and "*" in s.resources and not s.conditions
    ]
    return [
        name
        for name, way in WAYS.items()
        if all(
            any(s.covers(action) for s in allows) and not any(s.covers(action) for s in denies)
            for action in way.actions
        )
    ]


def combined_escalations(held: Sequence[Held]) -> list[str]:
    """The ways that open with all documents of a holder, and with none of them alone."""
    if any(everything(each.document) for each in held):
        return []  # who has everything has nothing to escalate to
    alone = {name for each in held for name in escalations([each.document])}
    return [name for name in escalations(each.document for each in held) if name not in alone]


def unlimited(statement: Statement) -> bool:
    """Whether a statement reaches all resources, or all of one kind.

    A condition on a tag of the resource limits which ones it reaches.
    """
    if any(
        operator in ("StringEquals", "StringLike")
        and "resourcetag/" in key.lower()
        and all(value.strip("*") for value in values)
        for operator, key, values in statement.conditions
    ):
        return False
    return bool(statement.not_resources) or any(
        resource.count(":") < 5 or _names_nothing(resource.split(":", 5)[5])
        for resource in statement.resources
        if "*" in resource
    )


def _names_nothing(resource: str) -> bool:
    """Whether the last part of an ARN is a wildcard, alone or after a kind such as role/."""
    kind, slash, rest = resource.replace(":", "/").partition("/")
    return not (rest if slash else kind).strip("*/")


def find_escalation(args: ResourceValidationArgs) -> Iterator[Finding]:
    for document in documents_in(args.resource_type, args.props):
        if everything(document):
            continue  # who has everything has nothing to escalate to
        for name in escalations([document]):
            yield of(
                args,
                name,
                f"{NOUNS[args.resource_type]} '{args.name}' must not allow "
                f"{documents.listed(WAYS[name].actions)} on any resource: it {WAYS[name].how}.",
            )


def find_combined_escalation(args: StackValidationArgs) -> Iterator[Finding]:
    held = holders.documents_held(args.resources)
    found = {holder: combined_escalations(several) for holder, several in held.items()}
    for holder, names in found.items():
        yield from _combined(holder, held[holder], names)
    for holder, inside in holders.documents_inside(args.resources).items():
        several = [*held.get(holder, []), *inside]
        more = [n for n in combined_escalations(several) if n not in found.get(holder, [])]
        yield from _combined(holder, several, more)


def _combined(holder: Holder, held: Sequence[Held], names: Iterable[str]) -> Iterator[Finding]:
    for name in names:
        yield of(
            held[0].source,
            name,
            f"{holder} must not be allowed {documents.listed(WAYS[name].actions)} by its policies "
            f"together: it {WAYS[name].how}.",
        )


privilege_escalation = ResourceValidationPolicy(
    name="privilege-escalation",
    description="Nobody can raise their own rights with a policy.",
    validate=reporting(find_escalation),
    config_schema=configurable(),
    severity=Severity.CRITICAL,
)

combined_privilege_escalation = StackValidationPolicy(
    name="combined-privilege-escalation",
    description="Nobody can raise their own rights with several policies together.",
    validate=reporting(find_combined_escalation),
    config_schema=configurable(),
    severity=Severity.CRITICAL,
)
