"""The demo's story on the reader's own Okta org and AWS account: what only a real cloud answers."""
