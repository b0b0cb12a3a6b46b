"""What all tests need."""

import signal

# A shell that runs the tests in the background makes them deaf to interrupts, and their children
# too; what a test starts has to hear what a person's program would.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
