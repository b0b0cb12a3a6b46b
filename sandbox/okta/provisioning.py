"""The Provisioning tab: the one step of a deployment that no API does.

The key typed is tested by really calling `iam:ListRoles` with it; saving imports the roles'
names; "Create Users" turns the feature `PUSH_NEW_USERS` on. Source: help.okta.com, "Configure
the AWS Account Federation app".
"""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import aws, forms
from sandbox.okta.administration import INSTANCE, app_of, require_administrator
from sandbox.okta.models import Integration, SamlApp
from sandbox.okta.org import Org
from sandbox.okta.rendering import page
from sandbox.okta.routing import Routes

Notice = tuple[str, str]
"""`status` or `alert`, and the words."""

ROUTES = Routes()


@ROUTES.on("GET", f"{INSTANCE}/provisioning")
def show(request: Request, org: Org) -> Response:
    require_administrator(request, org)
    return _page(request, app_of(request, org), None)


@ROUTES.on("POST", f"{INSTANCE}/provisioning")
async def submit(request: Request, org: Org, form: FormData) -> Response:
    """One of the tab's forms: the API integration, the "To App" settings, or a refresh."""
    require_administrator(request, org)
    forms.check(org, request, form)
    app = app_of(request, org)
    action = forms.field(form, "action")
    if action == "test":
        notice = await _test(org, app, form)
    elif action == "save":
        notice = await _save(org, app, form)
    elif action == "disable":
        notice = _disable(app)
    elif "refresh" in form:
        notice = await _refresh(org, app)
    else:
        notice = _choose(app, form)
    return _page(request, app, notice)


async def _test(org: Org, app: SamlApp, form: FormData) -> Notice:
    try:
        roles = await _list_roles(org, app, _typed(form))
    except aws.AwsRefused as refused:
        return "alert", _refusal(refused)
    return "status", f"AWS Account Federation was verified successfully! {_counted(roles)}"


async def _save(org: Org, app: SamlApp, form: FormData) -> Notice:
    """Save the key, if AWS takes it, and import the roles."""
    key = _typed(form)
    try:
        roles = await _list_roles(org, app, key)
    except aws.AwsRefused as refused:
        return "alert", f"{_refusal(refused)} Nothing was saved."
    old = app.integration
    app.integration = Integration(
        access_key_id=key.aws_access_key_id,
        secret_access_key=key.aws_secret_access_key,
        roles=roles,
        refreshed=org.clock(),
        create_users=old.create_users if old else False,
        update_attributes=old.update_attributes if old else False,
    )
    return "status", f"API integration saved. {_counted(roles)}"


def _disable(app: SamlApp) -> Notice:
    app.integration = None
    return "status", "API integration is disabled; the imported roles are forgotten."


async def _refresh(org: Org, app: SamlApp) -> Notice:
    """ "Refresh Application Data": read the roles again with the saved key."""
    saved = app.integration
    if saved is None:
        return "alert", "There is no API integration to refresh from."
    key = aws.Credentials(
        aws_access_key_id=saved.access_key_id, aws_secret_access_key=saved.secret_access_key
    )
    try:
        saved.roles = await _list_roles(org, app, key)
    except aws.AwsRefused as refused:
        return "alert", _refusal(refused)
    saved.refreshed = org.clock()
    return "status", f"Application data refreshed. {_counted(saved.roles)}"


def _choose(app: SamlApp, form: FormData) -> Notice:
    """The "To App" settings; unticked boxes are not sent."""
    if app.integration is None:
        return "alert", "Configure the API integration first."
    app.integration.create_users = "create_users" in form
    app.integration.update_attributes = "update_attributes" in form
    shown = ", ".join(app.integration.features) or "none"
    return "status", f"Provisioning to app saved. Features: {shown}."


def _typed(form: FormData) -> aws.Credentials:
    key_id, secret = forms.field(form, "access_key"), forms.field(form, "secret_key")
    return aws.Credentials(aws_access_key_id=key_id.strip(), aws_secret_access_key=secret.strip())


async def _list_roles(org: Org, app: SamlApp, key: aws.Credentials) -> dict[str, str]:
    if not key.aws_access_key_id or not key.aws_secret_access_key:
        raise aws.AwsRefused("MissingKey", "type the access key and the secret key")
    region = aws.region_of(app.settings["identityProviderArn"])
    return await run_in_threadpool(aws.list_roles, org.aws_url, key, region)


def _refusal(refused: aws.AwsRefused) -> str:
    return f"Error authenticating: {refused.code}: {refused.message}"


def _counted(roles: dict[str, str]) -> str:
    noun = "role" if len(roles) == 1 else "roles"
    return f"{len(roles)} {noun} read from AWS."


def _page(request: Request, app: SamlApp, notice: Notice | None) -> Response:
    status = 400 if notice and notice[0] == "alert" else 200
    return page(request, "admin_provisioning.html", status=status, app=app, notice=notice)
