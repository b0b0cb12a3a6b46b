"""`python -m sandbox.plugins.aws`: the engine starts this."""

from sandbox.plugins.aws.package import PACKAGE
from sandbox.plugins.process import serve

serve(PACKAGE)
