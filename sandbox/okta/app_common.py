"""What the bodies of all kinds of apps share, by the names of the record."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from sandbox.okta import identifiers
from sandbox.okta.bodies import part, text
from sandbox.okta.errors import invalid
from sandbox.okta.expressions import parse
from sandbox.okta.org import Org

TEMPLATE = {"template": "${source.login}", "type": "BUILT_IN"}


def identity(org: Org, status: Literal["ACTIVE", "INACTIVE"]) -> dict[str, Any]:
    """What the org, not the client, decides about a new app."""
    return {
        **org.new_record(identifiers.APP),
        "status": status,
        "policy_id": next((one.id for one in org.policies.values() if one.system), None),
    }


def written(payload: dict[str, Any]) -> dict[str, Any]:
    """What a body decides. Raises OktaError 400 for a missing label or a senseless template."""
    settings, visibility = part(payload, "settings"), part(payload, "visibility")
    named = part(part(payload, "credentials"), "userNameTemplate")
    template = TEMPLATE | {name: value for name, value in named.items() if value}
    _refuse_template(template)
    notes = part(settings, "notes")
    return {
        "label": text(payload, "label"),
        "accessibility": {"selfService": False} | part(payload, "accessibility"),
        "visibility": {
            "autoSubmitToolbar": bool(visibility.get("autoSubmitToolbar", False)),
            "hide": {"iOS": False, "web": False} | part(visibility, "hide"),
        },
        "notes": {"admin": notes.get("admin"), "enduser": notes.get("enduser")},
        "implicit_assignment": bool(settings.get("implicitAssignment", False)),
        "user_name_template": template,
    }


def is_expression(template: Mapping[str, Any]) -> bool:
    """Whether a format is an expression as a whole, as custom ones are, or a text with `${...}`."""
    return template.get("type") == "CUSTOM" and "${" not in str(template["template"])


def _refuse_template(template: Mapping[str, Any]) -> None:
    text = str(template["template"])
    expressions = [text] if is_expression(template) else re.findall(r"\$\{([^}]*)\}", text)
    for expression in expressions:
        try:
            parse(expression)
        except ValueError as error:
            raise invalid("credentials", f"userNameTemplate: {expression}: {error}") from None
