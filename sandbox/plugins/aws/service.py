"""Calls to one AWS service, by the names that AWS gives its operations."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.parsers import ResponseParserError

from sandbox.plugins.aws.retries import Attempts, wait_for
from sandbox.plugins.schema import CloudError

NOT_FOUND_CODES = {"NoSuchEntity", "ParameterNotFound", "ResourceNotFoundException"}


class AwsError(CloudError):
    """An error of AWS; `code` is its error code."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def error_context(what: str) -> Iterator[None]:
    """Errors inside begin with what was to be done, as in "creating IAM Role (R1)"."""
    try:
        yield
    except AwsError as error:
        raise AwsError(f"{what}: {error}", error.code) from error


class Service:
    """`iam("GetRole", RoleName="R1")` answers as boto3 does, and raises AwsError."""

    def __init__(self, client: Any, attempts: Attempts) -> None:
        self._client = client
        self._attempts = attempts

    def __call__(self, operation: str, **arguments: Any) -> Any:
        call = getattr(self._client, xform_name(operation))
        return self._send(operation, lambda: call(**arguments))

    def if_exists(self, operation: str, **arguments: Any) -> Any:
        """The same on a thing that may not exist (any more): None then."""
        try:
            return self(operation, **arguments)
        except AwsError as error:
            if error.code in NOT_FOUND_CODES:
                return None
            raise

    def list_all(self, operation: str, field: str, **arguments: Any) -> list[Any]:
        """All pages of a list."""
        paginator = self._client.get_paginator(xform_name(operation))

        def collect() -> list[Any]:
            return [one for page in paginator.paginate(**arguments) for one in page[field]]

        items: list[Any] = self._send(operation, collect)
        return items

    def list_if_exists(self, operation: str, field: str, **arguments: Any) -> list[Any] | None:
        """The same of a thing that may not exist (any more): None then."""
        try:
            return self.list_all(operation, field, **arguments)
        except AwsError as error:
            if error.code in NOT_FOUND_CODES:
                return None
            raise

    def until_propagated(self, codes: set[str], operation: str, **arguments: Any) -> Any:
        """The same, repeated while AWS answers with one of the codes, for up to two minutes.

        MalformedPolicyDocument is repeated only where a principal is not known (yet).
        """

        def again(result: Any) -> bool:
            if not isinstance(result, AwsError) or result.code not in codes:
                return False
            invalid = result.code == "MalformedPolicyDocument"
            return not invalid or "Invalid principal in policy" in str(result)

        return wait_for(self._attempts.clock, lambda: self(operation, **arguments), again)

    def _send(self, operation: str, send: Callable[[], Any]) -> Any:
        try:
            return self._attempts.run(send)
        except (ClientError, BotoCoreError) as error:
            raise self._explained(operation, error) from error
        except (ResponseParserError, KeyError) as error:  # an HTML page is no answer of AWS
            prefix = f"operation error {self._client.meta.service_model.service_id}: {operation}"
            message = f"{prefix}, deserialization failed, the answer is not one of AWS"
            raise AwsError(message, "") from error

    def _explained(self, operation: str, error: Exception) -> AwsError:
        """The error as the AWS SDK of the published plugin words it."""
        prefix = f"operation error {self._client.meta.service_model.service_id}: {operation}"
        limit = self._attempts.limit(error)
        exceeded = f"exceeded maximum number of attempts, {limit}"
        if isinstance(error, ClientError):
            answer = error.response.get("ResponseMetadata", {})
            code = str(error.response.get("Error", {}).get("Code", ""))
            message = error.response.get("Error", {}).get("Message", "")
            modeled = self._client.exceptions.from_code(code) is not ClientError
            kind = code if modeled else f"api error {code}"
            retried = f", {exceeded}" if limit > 1 or self._gave_up(error) else ""
            return AwsError(
                f"{prefix}{retried}, https response error StatusCode: "
                f"{answer.get('HTTPStatusCode', 0)}, RequestID: {answer.get('RequestId', '')}, "
                f"{kind}: {message}",
                code,
            )
        if isinstance(error, (ConnectionError, HTTPClientError)):
            url = self._client.meta.endpoint_url
            cause = error.kwargs.get("error", error)  # botocore's own words leave out why
            return AwsError(
                f'{prefix}, {exceeded}, request send failed, Post "{url}/": {cause}', ""
            )
        return AwsError(f"{prefix}, {' '.join(str(error).split())}", "")

    def _gave_up(self, error: ClientError) -> bool:
        """With `max_retries` 1 the SDK speaks of attempts too where it would have tried again."""
        return self._attempts.most == 1 and Attempts(2, self._attempts.clock).limit(error) > 1
