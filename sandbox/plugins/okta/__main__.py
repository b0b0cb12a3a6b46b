"""`python -m sandbox.plugins.okta`: the engine starts this."""

from sandbox.plugins.okta.package import PACKAGE
from sandbox.plugins.process import serve

serve(PACKAGE)
