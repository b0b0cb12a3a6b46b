"""Which calls are answered or checked here rather than by moto alone: the table of corrections."""

from collections.abc import Callable, Mapping

from sandbox.aws import identities, identity_providers, security_tokens, simulation, users
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError

Handler = Callable[[Cloud, ApiRequest, Caller], Mapping[str, object]]

HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("iam", "CreateSAMLProvider"): identity_providers.create,
    ("iam", "UpdateSAMLProvider"): identity_providers.update,
    ("iam", "GetSAMLProvider"): identity_providers.read,
    ("iam", "ListSAMLProviders"): identity_providers.list_all,
    ("iam", "DeleteSAMLProvider"): identity_providers.delete,
    ("iam", "TagSAMLProvider"): identity_providers.tag,
    ("iam", "UntagSAMLProvider"): identity_providers.untag,
    ("iam", "ListSAMLProviderTags"): identity_providers.list_tags,
    ("iam", "UpdateRole"): identities.update_role,
    ("iam", "UpdateAssumeRolePolicy"): identities.update_trust,
    ("iam", "CreateUser"): users.create,
    ("iam", "GetUser"): users.read,
    ("iam", "ListServiceSpecificCredentials"): users.list_service_credentials,
    ("iam", "PutUserPermissionsBoundary"): users.put_boundary,
    ("iam", "DeleteUserPermissionsBoundary"): users.delete_boundary,
    ("iam", "SimulatePrincipalPolicy"): simulation.simulate_principal,
    ("iam", "SimulateCustomPolicy"): simulation.simulate_custom,
    ("sts", "GetCallerIdentity"): security_tokens.get_caller_identity,
    ("sts", "GetSessionToken"): security_tokens.get_session_token,
    ("sts", "AssumeRole"): security_tokens.assume_role,
}
# moto answers these with credentials that nobody checked.
_MADE_UP = frozenset({("sts", "GetFederationToken"), ("sts", "AssumeRoleWithWebIdentity")})


def check(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    """What AWS refuses and moto would take. Raises AwsError."""
    if (call.service, call.action) in _MADE_UP:
        raise not_implemented(call)
    check_call = identities.CHECKS.get(call.action or "") if call.service == "iam" else None
    if check_call is not None:
        check_call(cloud, call, caller)


def not_implemented(call: ApiRequest) -> AwsError:
    """The answer to what neither moto nor this sandbox does; no SDK tries it again."""
    message = f"{call.service}:{call.action} is not implemented in this sandbox"
    return AwsError("NotImplemented", message, 501)
