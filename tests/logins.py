"""A person who signs in every 200 ms while something else happens."""

import threading

from botocore.exceptions import ClientError

from sandbox.errors import SandboxError
from sandbox.person import assume, role_pairs, saml_response


class Logins:
    """Signs `login` in until the block ends, and enters each of their `roles`.

    `refused` has what the person was answered. `bench` has `clouds`, and a `stack` with outputs.
    """

    def __init__(self, bench, login, roles=1):
        self.link = bench.stack.outputs()["signInUrl"]
        self.password = bench.clouds.people[login]["password"]
        self.aws_url, self.login, self.roles = bench.clouds.aws_url, login, roles
        self.route = bench.clouds.route if "127.0.0.1" not in self.link else None
        self.count, self.refused = 0, []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._done.wait(0.2):
            self.count += 1
            try:
                response = saml_response(self.link, self.login, self.password, self.route)
                pairs = role_pairs(response)
                if len(pairs) != self.roles:
                    raise ValueError(f"{len(pairs)} roles")
                for pair in pairs:
                    assume(response, *pair, self.aws_url)
            except (ClientError, SandboxError, ValueError) as error:
                self.refused.append(str(error))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._done.set()
        self._thread.join()
