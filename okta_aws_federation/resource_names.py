"""Logical names of resources in the engine's state, each of them one resource's only.

A component's child is named after the component and a part, such as a login. Both may hold the
character between them; two groups `AWS` and `AWS-Dev` with members `Dev-ada` and `ada` must not
meet in one name. So the part is escaped, as JSON Pointer (RFC 6901) does it, and the last
separator of a name is always the one between the two.
"""

APP = "federation"
"""The component `OktaAwsApp` of a stack."""
PROVISIONING = "provisioning"
"""The component `ProvisioningUser` of a stack."""
TYPE_PREFIX = "okta-aws-federation:index:"
"""What stands before a component's class in its type."""


def child_name(component: str, part: str, separator: str = "-", suffix: str = "") -> str:
    """`AWS`, `ada@x.org` -> `AWS-ada@x.org`; `prod`, `eu-Reader` -> `prod-eu~1Reader`.

    The part is escaped only where the separator would be met again after its own place.
    """
    if separator in f"{separator}{part}"[1:] or "~" in part:
        part = part.replace("~", "~0").replace("-", "~1")
    return f"{component}{separator}{part}{suffix}"


def former_child_name(component: str, part: str, separator: str = "-", suffix: str = "") -> str:
    """The name before parts were escaped, for an alias."""
    return f"{component}{separator}{part}{suffix}"


def unescaped(name: str) -> str:
    """`prod-eu~1Reader` -> `prod-eu-Reader`: what `former_child_name` made of the same parts."""
    return name.replace("~1", "-").replace("~0", "~")
