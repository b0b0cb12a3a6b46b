"""What a call to the local AWS costs beside the same call to plain moto.

Both listen in this process, on the same state; calls alternate, so that both meet the same machine.
Exit status 1 when a call costs more than LIMIT times plain moto's.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import botocore.session
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.aws.server import LocalAws

LIMIT = 1.3
ROUNDS = int(os.environ.get("ROUNDS", "400"))
ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """As quiet as the other one."""


def client(url: str, service: str, local: LocalAws) -> Any:
    key = local.administrators[ACCOUNT]
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def milliseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def main() -> int:
    with LocalAws((ACCOUNT,)) as local:
        server = make_server(
            "127.0.0.1",
            0,
            DomainDispatcherApplication(create_backend_app),
            threaded=True,
            request_handler=_Quiet,
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        plain = f"http://127.0.0.1:{server.server_port}"
        worst = 0.0
        for name, service, call in CALLS:
            sides = [client(url, service, local) for url in (local.url, plain)]
            for side in sides:
                call(side, f"warm{sides.index(side)}")
            times: list[list[float]] = [[], []]
            for number in range(ROUNDS):
                for index, side in enumerate(sides):
                    label = f"{name}{number}-{index}"
                    times[index].append(milliseconds(partial(call, side, label)))
            ours, theirs = (statistics.median(one) for one in times)
            worst = max(worst, ours / theirs)
            print(f"{name:20} {ours:6.2f} ms  plain moto {theirs:6.2f} ms  x {ours / theirs:.2f}")
        server.shutdown()
    print(f"worst: {worst:.2f} of {LIMIT}")
    return 0 if worst <= LIMIT else 1


CALLS: list[tuple[str, str, Callable[[Any, str], object]]] = [
    ("CreateRole", "iam", lambda iam, name: iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))),
    ("GetRole", "iam", lambda iam, name: iam.get_role(RoleName="warm0")),
    ("ListAttached", "iam", lambda iam, name: iam.list_attached_role_policies(RoleName="warm0")),
    ("GetCallerIdentity", "sts", lambda sts, name: sts.get_caller_identity()),
    ("DescribeInstances", "ec2", lambda ec2, name: ec2.describe_instances()),
    ("ListBuckets", "s3", lambda s3, name: s3.list_buckets()),
    ("DescribeParameters", "ssm", lambda ssm, name: ssm.describe_parameters()),
]  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
