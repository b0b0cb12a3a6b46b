"""Permissions with which a person can give themselves more."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pulumi_policy import (
    ResourceValidationArgs,
    Severity,
    StackValidationArgs,
)

import documents
import effective_policies
from documents import Statement
from effective_policies import AttachedDocument, Principal
from findings import Finding, finding, resource_rule, stack_rule
from privileges import NOUNS, Document, documents_in, is_full_admin


class Escalation(NamedTuple):
    """Actions that together raise the rights of whoever may do them all, and how."""

    actions: tuple[str, ...]
    how: str


ESCALATIONS = {
    "CreateNewPolicyVersion": Escalation(
        ("iam:CreatePolicyVersion",), "rewrites a policy that its holder has"
    ),
    "SetExistingDefaultPolicyVersion": Escalation(
        ("iam:SetDefaultPolicyVersion",), "brings back a wider version of a policy"
    ),
    "AttachUserPolicy": Escalation(("iam:AttachUserPolicy",), "gives any policy to a user"),
    "AttachGroupPolicy": Escalation(("iam:AttachGroupPolicy",), "gives any policy to a group"),
    "AttachRolePolicy": Escalation(("iam:AttachRolePolicy",), "gives any policy to a role"),
    "PutUserPolicy": Escalation(("iam:PutUserPolicy",), "writes any policy into a user"),
    "PutGroupPolicy": Escalation(("iam:PutGroupPolicy",), "writes any policy into a group"),
    "PutRolePolicy": Escalation(("iam:PutRolePolicy",), "writes any policy into a role"),
    "AddUserToGroup": Escalation(("iam:AddUserToGroup",), "puts a user into a stronger group"),
    "CreateAccessKey": Escalation(("iam:CreateAccessKey",), "makes a key of a stronger user"),
    "CreateLoginProfile": Escalation(
        ("iam:CreateLoginProfile",), "gives a stronger user a password"
    ),
    "UpdateLoginProfile": Escalation(
        ("iam:UpdateLoginProfile",), "changes a stronger user's password"
    ),
    "UpdateRolePolicyToAssumeIt": Escalation(
        ("iam:UpdateAssumeRolePolicy",), "lets its holder assume a stronger role"
    ),
    "ReplaceIdentityProvider": Escalation(
        ("iam:UpdateSAMLProvider",), "signs assertions for every role that trusts the provider"
    ),
    "DeleteRolePermissionsBoundary": Escalation(
        ("iam:DeleteRolePermissionsBoundary",), "takes the bounds off a role"
    ),
    "DeleteUserPermissionsBoundary": Escalation(
        ("iam:DeleteUserPermissionsBoundary",), "takes the bounds off a user"
    ),
    "AssumeAnyRole": Escalation(("sts:AssumeRole",), "enters every role that trusts the account"),
    "CreateEC2WithExistingIP": Escalation(
        ("iam:PassRole", "ec2:RunInstances"), "runs a machine as a stronger role"
    ),
    "PassExistingRoleToNewLambdaThenInvoke": Escalation(
        ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
        "runs code as a stronger role",
    ),
    "PassExistingRoleToNewLambdaThenTriggerWithExistingDynamo": Escalation(
        ("iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
        "runs code as a stronger role",
    ),
    "EditExistingLambdaFunctionWithRole": Escalation(
        ("lambda:UpdateFunctionCode",), "runs code as the role of any function"
    ),
    "PassExistingRoleToNewGlueDevEndpoint": Escalation(
        ("iam:PassRole", "glue:CreateDevEndpoint"), "opens a shell as a stronger role"
    ),
    "UpdateExistingGlueDevEndpoint": Escalation(
        ("glue:UpdateDevEndpoint",), "opens a shell as the role of any endpoint"
    ),
    "PassExistingRoleToCloudFormation": Escalation(
        ("iam:PassRole", "cloudformation:CreateStack"), "deploys anything as a stronger role"
    ),
    "PassExistingRoleToNewDataPipeline": Escalation(
        ("iam:PassRole", "datapipeline:CreatePipeline"), "runs commands as a stronger role"
    ),
    "PassExistingRoleToNewCodeBuildProject": Escalation(
        ("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"),
        "runs commands as a stronger role",
    ),
    "PassExistingRoleToNewECSTask": Escalation(
        ("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
        "runs a container as a stronger role",
    ),
    "PassExistingRoleToNewSageMakerNotebook": Escalation(
        (
            "iam:PassRole",
            "sagemaker:CreateNotebookInstance",
            "sagemaker:CreatePresignedNotebookInstanceUrl",
        ),
        "opens a notebook as a stronger role",
    ),
    "PassExistingRoleToSpotInstance": Escalation(
        ("iam:PassRole", "ec2:RequestSpotInstances"), "runs a machine as a stronger role"
    ),
    "PassExistingRoleToNewGlueJob": Escalation(
        ("iam:PassRole", "glue:CreateJob", "glue:StartJobRun"), "runs code as a stronger role"
    ),
    "PassExistingRoleToNewStateMachine": Escalation(
        ("iam:PassRole", "states:CreateStateMachine", "states:StartExecution"),
        "calls any service as a stronger role",
    ),
    "PassExistingRoleToNewSchedule": Escalation(
        ("iam:PassRole", "scheduler:CreateSchedule"), "calls any service as a stronger role"
    ),
    "UpdateExistingStack": Escalation(
        ("cloudformation:UpdateStack",), "deploys anything as the role of any stack"
    ),
    "RunCommandOnInstance": Escalation(
        ("ssm:SendCommand",), "runs commands as the role of any machine"
    ),
    "StartSessionOnInstance": Escalation(
        ("ssm:StartSession",), "opens a shell as the role of any machine"
    ),
}
"""Name -> the actions and what they do.

Most are Rhino Security Labs' "AWS IAM Privilege Escalation - Methods and Mitigation", under the
names that cloudsplaining (and with it checkov) uses. Added: the identity provider, permission
boundaries, sts:AssumeRole on everything, and services from prowler's table. Three ask for no
sts:AssumeRole, which cloudsplaining does: who attaches to a role, writes into it or opens it may be
in it already, or be named in its new trust policy.
"""


def escalations(policy_documents: Iterable[Document]) -> list[str]:
    """Names of the ways that documents together open on resources that are not limited.

    Other conditions do not close a way, for whoever meets them goes through. A Deny on everything
    without a condition does.
    """
    statements = [s for document in policy_documents for s in documents.statements(document)]
    allows = [s for s in statements if s.effect == "Allow" and unlimited(s)]
    denies = [
        s for s in statements if s.effect == "Deny" and "*" in s.resources and not s.conditions
    ]
    return [
        name
        for name, escalation in ESCALATIONS.items()
        if all(
            any(s.covers(action) for s in allows) and not any(s.covers(action) for s in denies)
            for action in escalation.actions
        )
    ]


def combined_escalations(attached: Sequence[AttachedDocument]) -> list[str]:
    """The ways that open with all documents of a holder, and with none of them alone."""
    if any(is_full_admin(each.document) for each in attached):
        return []  # who has everything has nothing to escalate to
    alone = {name for each in attached for name in escalations([each.document])}
    return [name for name in escalations(each.document for each in attached) if name not in alone]


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


@resource_rule(Severity.CRITICAL)
def privilege_escalation(args: ResourceValidationArgs) -> Iterator[Finding]:
    """Nobody can raise their own rights with a policy."""
    for document in documents_in(args.resource_type, args.props):
        if is_full_admin(document):
            continue  # who has everything has nothing to escalate to
        for name in escalations([document]):
            yield finding(
                args,
                name,
                f"{NOUNS[args.resource_type]} '{args.name}' must not allow "
                f"{documents.join_words(ESCALATIONS[name].actions)} on any resource: "
                f"it {ESCALATIONS[name].how}.",
            )


@stack_rule(Severity.CRITICAL)
def combined_privilege_escalation(args: StackValidationArgs) -> Iterator[Finding]:
    """Nobody can raise their own rights with several policies together."""
    attached = effective_policies.attached_documents(args.resources)
    combined = {
        principal: combined_escalations(together) for principal, together in attached.items()
    }
    for principal, names in combined.items():
        yield from _combined(principal, attached[principal], names)
    for principal, inside in effective_policies.inline_role_documents(args.resources).items():
        together = [*attached.get(principal, []), *inside]
        more = [n for n in combined_escalations(together) if n not in combined.get(principal, [])]
        yield from _combined(principal, together, more)


def _combined(
    principal: Principal, attached: Sequence[AttachedDocument], names: Iterable[str]
) -> Iterator[Finding]:
    for name in names:
        yield finding(
            attached[0].source,
            name,
            f"{principal} must not be allowed "
            f"{documents.join_words(ESCALATIONS[name].actions)} by its policies together: "
            f"it {ESCALATIONS[name].how}.",
        )
