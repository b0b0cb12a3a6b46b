"""An estate: one stack file, deployed as a stack of the Okta half and a stack for each account."""
