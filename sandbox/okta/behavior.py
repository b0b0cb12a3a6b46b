"""How the org behaves where real orgs differ, or where nobody outside Okta knows."""

import dataclasses
import json
import typing
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

Count = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, kw_only=True)
class Switches:
    """Each default is what a real org most likely does; `unknown` marks a guess."""

    pipeline: Literal["idx", "classic"] = "idx"
    """Identity Engine or the classic engine, as `/.well-known/okta-organization` says."""

    strict_roles: bool = True
    """Refuse an assignment whose `samlRoles` were not imported from AWS (unknown)."""

    settings_defaults: bool = True
    """Fill settings left out of `settings.app` with the catalogue's defaults and not null
    (unknown)."""

    assignment_nulls: bool = True
    """Add `role: null` and `samlRoles: null` to a group assignment's profile when it lacks them
    (unknown; public programs send `role: null`, which only makes sense if Okta answers it)."""

    integration_key_in_settings: bool = False
    """Show `accessKey` in `settings.app` once the API integration is saved (unknown)."""

    key_in_settings: Literal["ignored", "stored"] = "ignored"
    """What becomes of an `accessKey` that a client writes into `settings.app` (unknown)."""

    force_authn: Literal["absent", "true", "false"] = "absent"
    """What a catalogue app answers for `settings.signOn.honorForceAuthn` (unknown)."""

    largest_priority: Count = 2**31 - 1
    """The largest priority of a group assignment; an older API reference says 100 (unknown)."""

    renumber_priorities: Literal["never", "from-0", "from-1"] = "never"
    """Close the gaps between the priorities of an app's groups after each change (unknown; recorded
    answers of real orgs show gaps that stayed)."""

    role_paths: Literal["kept", "dropped"] = "kept"
    """Whether Okta puts a role's path into the ARN that it sends to AWS (unknown)."""

    plus_in_session_name: Literal["kept", "space"] = "kept"
    """What becomes of the plus sign of a login in RoleSessionName: a space where it is taken for
    form encoding, which AWS refuses (unknown)."""

    order: Literal["given", "reversed", "shuffled"] = "given"
    """Order of lists and of the `samlRoles` in an assignment."""

    page_size: Count = 200
    """The largest page any list gives, whatever limit was asked for."""

    rate_limit_scale: Number = 1.0
    """Multiplies every bucket's requests per minute; tests want a large one or a tiny one."""

    second_factor: bool = False
    """Everybody has a second factor and passes it wherever a sign-on policy asks for one. Without
    it nobody does, so such a policy lets nobody in."""

    require_dpop: bool = False
    """Service apps have to prove their key (DPoP), as new ones have to by default."""

    factor_at_sign_in: bool = False
    """Who has a second factor shows it at `/api/v1/authn` already, whatever the app asks."""

    show_lockout: bool = False
    """Tell a locked user so; by default Okta answers as to a wrong password."""

    def with_changes(self, changes: dict[str, Any], *, strict: bool = True) -> Self:
        """A copy with some switches set; unless `strict`, a text may stand for a number.

        Raises ValueError naming the switch, the value and what is allowed.
        """
        hints = typing.get_type_hints(type(self))
        for name in changes.keys() - hints.keys():
            raise ValueError(f"no switch '{name}'; there are: {', '.join(sorted(hints))}")
        try:
            document = json.dumps(dataclasses.asdict(self) | changes)
            return TypeAdapter(type(self)).validate_json(document, strict=strict)
        except ValidationError as error:
            failure = error.errors()[0]
            name = str(failure["loc"][0])
            allowed = typing.get_args(hints[name])
            rule = f"one of {', '.join(allowed)}" if allowed else hints[name].__name__
            message = f"switch '{name}' must be {rule}, not {failure['input']!r}"
            raise ValueError(message) from None

    def with_texts(self, texts: typing.Iterable[str]) -> Self:
        """A copy with switches given as `name=value`, as on a command line."""
        pairs = (text.partition("=") for text in texts)
        return self.with_changes({name: value for name, _, value in pairs}, strict=False)
