"""Calls to one AWS service, by the names that AWS gives its operations."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from sandbox.plugins.errors import CloudError

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

    def __init__(self, client: Any, attempts: int) -> None:
        self._client = client
        self._attempts = attempts

    def __call__(self, operation: str, **arguments: Any) -> Any:
        try:
            return getattr(self._client, xform_name(operation))(**arguments)
        except (ClientError, BotoCoreError) as error:
            raise self._explained(operation, error) from error

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
        pages = self._client.get_paginator(xform_name(operation)).paginate(**arguments)
        try:
            return [one for page in pages for one in page[field]]
        except (ClientError, BotoCoreError) as error:
            raise self._explained(operation, error) from error

    def list_if_exists(self, operation: str, field: str, **arguments: Any) -> list[Any] | None:
        """The same of a thing that may not exist (any more): None then."""
        try:
            return self.list_all(operation, field, **arguments)
        except AwsError as error:
            if error.code in NOT_FOUND_CODES:
                return None
            raise

    def _explained(self, operation: str, error: Exception) -> AwsError:
        """The error as the AWS SDK of the published plugin words it."""
        prefix = f"operation error {self._client.meta.service_model.service_id}: {operation}"
        attempts_exceeded = f"exceeded maximum number of attempts, {self._attempts}"
        if isinstance(error, ClientError):
            answer = error.response.get("ResponseMetadata", {})
            code = str(error.response.get("Error", {}).get("Code", ""))
            message = error.response.get("Error", {}).get("Message", "")
            modeled = self._client.exceptions.from_code(code) is not ClientError
            kind = code if modeled else f"api error {code}"
            retried = f", {attempts_exceeded}" if answer.get("MaxAttemptsReached") else ""
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
                f'{prefix}, {attempts_exceeded}, request send failed, Post "{url}/": {cause}', ""
            )
        return AwsError(f"{prefix}, {' '.join(str(error).split())}", "")
