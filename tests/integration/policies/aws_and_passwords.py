"""The stand-in for AWS that also previews a user's password, which no program here should make."""

import runpy

from sandbox.engine.protos import provider_pb2
from sandbox.plugins.protocol import Provider

PASSWORD = "aws:iam/userLoginProfile:UserLoginProfile"

check, create = Provider.Check, Provider.Create


def check_passwords_too(self, request, context):
    if PASSWORD in request.urn:
        return provider_pb2.CheckResponse(inputs=request.news)
    return check(self, request, context)


def create_passwords_too(self, request, context):
    if PASSWORD in request.urn and request.preview:
        return provider_pb2.CreateResponse(properties=request.properties)
    return create(self, request, context)


Provider.Check, Provider.Create = check_passwords_too, create_passwords_too
runpy.run_module("sandbox.plugins.aws", run_name="__main__")
