"""The local AWS on loopback, from a thread, for as long as a `with` block runs."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")  # before moto reads it

from moto.moto_api._internal.models import moto_api_backend
from werkzeug.serving import make_server

from sandbox.aws.cloud import Cloud
from sandbox.aws.gateway import Gateway
from sandbox.aws.sign_in import BY_NAME
from sandbox.aws.state import load, save
from sandbox.fault_control import FaultControl
from sandbox.serving import QuietHandler, ServedFromThread

HOST = "127.0.0.1"
ADMINISTRATOR = "sandbox-administrator"


@dataclass(frozen=True)
class AccessKey:
    """An account's administrator's key."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


class LocalAws(ServedFromThread):
    """Fresh accounts, each with an administrator, listening while the block runs."""

    def __init__(
        self,
        accounts: Sequence[str] | Mapping[str, str] = ("123456789012",),
        *,
        partition: str = "aws",
        port: int = 0,
        state: Path | None = None,
    ) -> None:
        """Bind the port; 0 picks a free one. Raises OSError if it is taken.

        `accounts`: ids, or ids with the names of their partitions, where these are not all
        `partition`. `state`: a file that the state is read from, where it exists, and written to
        after each change. Raises UnusableState.
        """
        moto_api_backend.reset()
        names = accounts if isinstance(accounts, Mapping) else dict.fromkeys(accounts, partition)
        self.cloud = Cloud({account: BY_NAME[name] for account, name in names.items()})
        self.control = FaultControl(self.cloud.faults)
        self.administrators = {account: self._administrator(account) for account in names}
        if state is not None:
            if state.exists():
                self.administrators = load(self.cloud, state)
            self.cloud.written = lambda: save(self.cloud, self.administrators, state)
            self.cloud.written()
        server = make_server(
            HOST, port, Gateway(self.cloud), threaded=True, request_handler=QuietHandler
        )
        super().__init__(server, "local aws")
        self.url = f"http://{HOST}:{server.server_port}"

    def _administrator(self, account: str) -> AccessKey:
        iam = self.cloud.iam(account)
        iam.create_user(self.cloud.accounts[account].home_region, ADMINISTRATOR, "/", [])
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
        iam.put_user_policy(ADMINISTRATOR, "Administrator", document)
        key = iam.create_access_key(ADMINISTRATOR)
        return AccessKey(key.access_key_id, key.secret_access_key)

    def ready(self) -> dict[str, Any]:
        """What another program needs to use it."""
        return {
            "url": self.url,
            "control": self.control.address,
            "accounts": {
                account: {
                    "accessKeyId": key.access_key_id,
                    "secretAccessKey": key.secret_access_key,
                }
                for account, key in self.administrators.items()
            },
        }

    def __enter__(self) -> Self:
        self.control.__enter__()
        return super().__enter__()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self.control.__exit__(*error)
