"""Calls to one AWS service, by the names that AWS gives its operations."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from sandbox.plugins.errors import CloudError

GONE = {"NoSuchEntity", "ParameterNotFound", "ResourceNotFoundException"}


class AwsError(CloudError):
    """AWS said no; `code` is its word for why."""

    def __init__(self, said: str, code: str) -> None:
        super().__init__(said)
        self.code = code


@contextmanager
def doing(what: str) -> Iterator[None]:
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

    def unless_gone(self, operation: str, **arguments: Any) -> Any:
        """The same on a thing that may not exist (any more): None then."""
        try:
            return self(operation, **arguments)
        except AwsError as error:
            if error.code in GONE:
                return None
            raise

    def every(self, operation: str, field: str, **arguments: Any) -> list[Any]:
        """All pages of a list."""
        pages = self._client.get_paginator(xform_name(operation)).paginate(**arguments)
        try:
            return [one for page in pages for one in page[field]]
        except (ClientError, BotoCoreError) as error:
            raise self._explained(operation, error) from error

    def every_unless_gone(self, operation: str, field: str, **arguments: Any) -> list[Any] | None:
        """The same of a thing that may not exist (any more): None then."""
        try:
            return self.every(operation, field, **arguments)
        except AwsError as error:
            if error.code in GONE:
                return None
            raise

    def _explained(self, operation: str, error: Exception) -> AwsError:
        """The error as the AWS SDK of the published plugin words it."""
        said = f"operation error {self._client.meta.service_model.service_id}: {operation}"
        gave_up = f"exceeded maximum number of attempts, {self._attempts}"
        if isinstance(error, ClientError):
            answer = error.response.get("ResponseMetadata", {})
            code = str(error.response.get("Error", {}).get("Code", ""))
            message = error.response.get("Error", {}).get("Message", "")
            modeled = self._client.exceptions.from_code(code) is not ClientError
            kind = code if modeled else f"api error {code}"
            retried = f", {gave_up}" if answer.get("MaxAttemptsReached") else ""
            return AwsError(
                f"{said}{retried}, https response error StatusCode: "
                f"{answer.get('HTTPStatusCode', 0)}, RequestID: {answer.get('RequestId', '')}, "
                f"{kind}: {message}",
                code,
            )
        if isinstance(error, (ConnectionError, HTTPClientError)):
            url = self._client.meta.endpoint_url
            cause = error.kwargs.get("error", error)  # botocore's own words leave out why
            return AwsError(f'{said}, {gave_up}, request send failed, Post "{url}/": {cause}', "")
        return AwsError(f"{said}, {' '.join(str(error).split())}", "")
