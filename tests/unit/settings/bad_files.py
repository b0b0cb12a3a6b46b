# ruff: noqa: E501
"""Stack files with one mistake, by kind; each with the key and the words that the refusal must have.

`NAME: (text of the file, key, words)`. The text is YAML as a person types it, because half of the
kinds are about YAML.
"""

import json

HEAD = """\
config:
  okta-aws-federation:accounts: { main: { id: "123456789012", region: us-east-1 } }
"""
ROLES = "  okta-aws-federation:roles: { Developer: { managedPolicies: [ReadOnlyAccess] } }\n"
GROUPS = (
    "  okta-aws-federation:groups: { Dev: { roles: [Developer], members: [ada@example.com] } }\n"
)
GOOD = HEAD + ROLES + GROUPS


def with_roles(roles: str) -> str:
    return f"{HEAD}  okta-aws-federation:roles: {{ {roles} }}\n{GROUPS}"


def with_role(body: str) -> str:
    return with_roles(f"Developer: {{ {body} }}")


def with_groups(groups: str) -> str:
    return f"{HEAD}{ROLES}  okta-aws-federation:groups: {{ {groups} }}\n"


def with_group(body: str) -> str:
    return with_groups(f"Dev: {{ roles: [Developer], {body} }}")


def with_section(name: str, body: str) -> str:
    return f"{GOOD}  okta-aws-federation:{name}: {body}\n"


def with_account(body: str) -> str:
    return f"config:\n  okta-aws-federation:accounts: {{ main: {{ {body} }} }}\n{ROLES}{GROUPS}"


def with_statement(body: str) -> str:
    return with_role(f"inlinePolicies: {{ P: [{{ Effect: Allow, {body} }}] }}")


def with_condition(body: str) -> str:
    return with_statement(f'Action: "s3:*", Resource: "*", Condition: {{ {body} }}')


def with_trust(body: str) -> str:
    return with_role(f"trust: {{ statements: [{{ Effect: Allow, {body} }}] }}")


STATEMENT = "roles.Developer.inlinePolicies.P.0"
CONDITION = f"{STATEMENT}.Condition"
TRUST = "roles.Developer.trust.statements.0"
ALLOW = '[{ Effect: Allow, Action: "s3:*", Resource: "*" }]'
POLICY = "arn:aws:iam::210987654321:policy/x"
MAPPED = GOOD + "  okta-aws-federation:mode: group-mapping\n"

YAML = {
    "a section without its prefix": (
        GOOD + "  roles: { Developer: { managedPolicies: [AdministratorAccess] } }\n",
        "config.roles", "would deploy it as okta-aws-federation:roles; write okta-aws",
    ),
    "a prefix with a slip": (
        GOOD + "  okta-aws-federaton:protect: true\n",
        "config.okta-aws-federaton:protect", "nothing reads it; write okta-aws-federation:protect",
    ),
    "a section that is missing": (HEAD + GROUPS, "roles", "is missing; add it"),
    "a section twice": (GOOD + ROLES, "roles", "is in the file twice, in lines 3 and 5"),
    "a role twice": (
        with_roles("Developer: {}, Other: {}, Developer: {}"), "roles.Developer", "twice",
    ),
    "a key twice, once in quotes": (with_roles('Developer: {}, 1: {}, "1": {}'), "roles.1", "twice"),
    "a day where a text is meant": (
        with_section("tags", "{ until: 2026-12-31 }"),
        "tags.until", '= \'2026-12-31\': is a day without quotes',
    ),
    "a moment where a text is meant": (
        with_section("tags", "{ until: 2026-12-31T10:00:00Z }"),
        "tags.until", 'put it in quotes: "2026-12-31T10:00:00Z"',
    ),
    "a null as an operator": (
        with_condition("Null: { aws:TokenIssueTime: true }"), f"{CONDITION}.Null", 'quotes: "Null"',
    ),
    "yes": (with_section("protect", "yes"), "protect", "is a boolean to some readers of YAML"),
    "on as a key": (with_roles("Developer: {}, on: {}"), "roles.on", 'put it in quotes: "on"'),
    "no as a text": (with_section("tags", "{ country: no }"), "tags.country", 'quotes: "no"'),
    "true as a name": (with_roles("Developer: {}, true: {}"), "roles.true", "quotes"),
    "null as a name": (with_roles("Developer: {}, ~: {}"), "roles.~", "quotes"),
    "an octal number": (
        with_account("id: 012345670123, region: us-east-1"),
        "accounts.main.id", "= '012345670123': is a number that readers",
    ),
    "an account id with a zero in front": (
        with_account("id: 012345678901, region: us-east-1"),
        "accounts.main.id", "= '012345678901': is a number that readers",
    ),
    "an account id as a number": (
        with_account("id: 123456789012, region: us-east-1"),
        "accounts.main.id", "= 123456789012: must be a text; put it in quotes",
    ),
    "a number with underscores": (
        with_section("app", "{ sessionHours: 1_0 }"), "app.sessionHours", "= '1_0': is a number",
    ),
    "a sexagesimal": (with_section("tags", "{ at: 12:30 }"), "tags.at", 'quotes: "12:30"'),
    "a decimal of many digits": (
        with_section("tags", "{ share: 0.12345678901234567 }"),
        "tags.share", "= '0.12345678901234567': is a number that readers",
    ),
    "a decimal of many digits as a key": (
        with_roles("Developer: {}, 0.12345678901234567: {}"),
        "roles.0.12345678901234567", "is a key that is a number that readers",
    ),
    "infinity": (with_section("tags", "{ at: .inf }"), "tags.at", 'quotes: ".inf"'),
    "sections inside the project's name": (
        "config:\n  okta-aws-federation:\n    accounts: {}\n    roles: {}\n",
        "config.okta-aws-federation", "write each one beside it, as okta-aws-federation:accounts",
    ),
    "an old form of a key": (
        HEAD + GROUPS + ROLES.replace(":roles", ":config:roles"),
        "config.okta-aws-federation:config:roles", "write okta-aws-federation:roles",
    ),
    "an old form beside the new one": (
        GOOD + "  okta-aws-federation:config:roles: { Developer: {} }\n",
        "config.okta-aws-federation:config:roles", "old form that Pulumi still reads",
    ),
    "a section without its prefix that is nowhere else": (
        HEAD + GROUPS + "  roles: { Developer: {} }\n", "config.roles", "has no prefix",
    ),
    "a merge twice": (
        with_roles("A: &a { path: /a/ }, Developer: { <<: *a, <<: *a }"),
        "roles.Developer.<<", "is in the file twice",
    ),
    "a role twice, once with an escape": (
        with_roles('Developer: {}, "\\u0044eveloper": {}'), "roles.Developer", "twice",
    ),
    "a role twice in JSON": (
        HEAD + GROUPS + """  okta-aws-federation:roles: '{"Developer": {}, "Developer": {}}'\n""",
        "roles", "must be a mapping",
    ),
    "nothing": (with_section("app", "{ label: }"), "app.label", "has no value; write one"),
    "nothing as a section": (with_section("app", ""), "app", "has no value; write one"),
    "a section in cipher": (
        with_section("app", "{ secure: AAABAKk= }"), "app", "is encrypted, so that nobody can rev",
    ),
    "an item in cipher": (
        with_group("members: [{ secure: AAABAKk= }]"), "groups.Dev.members.0", "is encrypted",
    ),
    "yes in a key of another program": (
        GOOD + "  aws:skipMetadataApiCheck: yes\n",
        "config.aws:skipMetadataApiCheck", "is a boolean to some readers of YAML",
    ),
    "a value in cipher": (
        with_section("tags", "{ owner: { secure: AAABAKk= } }"), "tags.owner", "is encrypted",
    ),
}  # fmt: skip
UNREADABLE = {
    "a directive of YAML 1.2": (
        f"%YAML 1.2\n---\n{GOOD}",
        "yaml:1: can't be read: %YAML 1.2: Pulumi takes no other",
    ),
    "two documents": (GOOD + "---\nconfig: {}\n", "yaml:5: can't be read: a second document"),
    "an unknown alias": ("# x\nconfig: *x\n", "yaml:2: can't be read: *x names no anchor"),
    "an alias inside itself": (
        "# x\nconfig: &x { a: *x }\n",
        "yaml:2: can't be read: *x contains itself",
    ),
    "a tag of YAML": (
        "# x\nconfig: { a: !!binary aGk= }\n",
        "yaml:2: can't be read: the tag tag:yaml.org,2002:binary",
    ),
    "a tag of a program": ("config: !!python/object:os.system {}\n", "write the value alone"),
    "a list as config": ("# x\nconfig: [a]\n", "yaml:2: config = "),
    "a text as config": ("config: hello\n", "config = 'hello': must be a mapping"),
    "config in another case": ("# x\nConfig: {}\n", "yaml:2: Config: is not read; write config"),
    "config in another case beside config": (GOOD + "Config: {}\n", "Config: is not read; write"),
    "a section beside config": (
        GOOD + "okta-aws-federation:protect: true\n",
        "is not read; indent it, so that it is inside",
    ),
    "a text alone": ("hello\n", "must be a mapping with a key config"),
    "a list as a key": ("# x\nconfig: { [a]: b }\n", "yaml:2: can't be read: a key must be a text"),
    "nesting of 65 levels": (
        "config: " + "[" * 64 + "]" * 64 + "\n",
        "is nested more than 64 levels deep",
    ),
    "nesting of 64 levels": ("config: " + "[" * 63 + "]" * 63 + "\n", "config = "),
    "deep nesting": ("config: " + "[" * 3000 + "]" * 3000 + "\n", "nest"),
    "half a character": ('config: { a: "\\ud800" }\n', "yaml:1: can't be read: "),
    "a tab": ("config:\n\tx: 1\n", "yaml:2: can't be read: "),
    "an open bracket": ("config: [\n", "yaml:2: can't be read: "),
    "an open brace": ("config: {\n  a: 1\n\n", "yaml:4: can't be read: "),
    "a control character": ("config: { a: '\x07' }\n", "yaml:1: can't be read: "),
}
YAML |= {
    f"{word} as a value": (with_section("app", f"{{ label: {word} }}"), "app.label", "has no value")
    for word in ("~", "null", "Null", "NULL")
}
TEXTS = {
    "a long dash in a description": (
        with_role("description: Reads — never writes"),
        "roles.Developer.description", "holds '—' (em dash), and IAM takes letters of Western",
    ),
    "cyrillic in a description": (
        with_role("description: Чтение"), "roles.Developer.description", "holds 'Ч'",
    ),
    "a control character in a description": (
        with_role('description: "a\\u0007b"'), "roles.Developer.description", "holds '\\x07'",
    ),
    "a zero-width space in a label": (
        with_section("app", '{ label: "AWS\\u200b" }'), "app.label", "U+200B (zero width space)",
    ),
    "a blank label": (with_section("app", '{ label: "  " }'), "app.label", "is blank"),
    "a blank group": (with_groups('" ": { roles: [Developer] }'), "groups. ", "is blank"),
    "a line break in a group's name": (
        with_groups('"a\\nb": { roles: [Developer] }'), "groups.a\\nb", "in one line",
    ),
    "a bidirectional mark in a group's name": (
        with_groups('"a\\u202eb": { roles: [Developer] }'), "groups.a\\u202eb", "U+202E",
    ),
    "an invisible letter in a group's name": (
        with_groups('"Dev\\u3164": { roles: [Developer] }'), "groups.Dev", "U+3164 (hangul filler)",
    ),
    "an invisible letter in a tag": (
        with_section("tags", '{ owner: "a\\u3164" }'), "tags.owner", "U+3164 (hangul filler)",
    ),
    "a selector of nothing in a group's name": (
        with_groups('"Dev\\ufe0f": { roles: [Developer] }'), "groups.Dev", "variation selector",
    ),
    "a blank behind a group's name": (
        with_groups('"Dev ": { roles: [Developer] }'), "groups.Dev ", "ends with a blank",
    ),
    "a blank before a login": (
        with_group('members: [" a@example.com"]'), "groups.Dev.members.0", "begins or ends with",
    ),
    "a blank behind a tag's key": (
        with_section("tags", '{ "owner ": x }'), "tags.owner ", "begins or ends with a blank",
    ),
    "two forms of an accent": (
        with_groups('"Z\\u00fcrich": { roles: [Developer] }, "Zu\\u0308rich": { roles: [Developer] }'),
        "groups.Zu", "the form of an accent differ alone",
    ),
    "letters without case that have one": (
        with_groups('"Öl": { roles: [Developer] }, "öl": { roles: [Developer] }'),
        "groups.öl", "looks like 'Öl'",
    ),
    "a host behind another's name": (
        with_section("app", '{ loginUrl: "https://console.aws.amazon.com@x.example/" }'),
        "app.loginUrl", "a host alone in front of the path",
    ),
    "a tag's value that begins with aws:": (
        with_section("tags", "{ owner: 'AWS:x' }"), "tags.owner", "which AWS keeps for itself",
    ),
    "a source identity that STS refuses": (
        with_section("app", "{ sourceIdentity: { value: '\"a b\"', allow: ['*'] } }"),
        "app.sourceIdentity.value", "is a text that STS refuses: it takes 2 to 64 letters",
    ),
    "a network in a zone": (
        with_section("provisioning", "{ sourceIps: ['fe80::1%eth0'] }"),
        "provisioning.sourceIps.0", "is not a range of addresses",
    ),
    "a day that has no day behind it": (
        with_role("trust: { closes: 9999-12-31 }"),
        "roles.Developer.trust.closes", "is not in the years 2000 to 2999",
    ),
    "a parameter's name over the limit": (
        with_section("provisioning", f"{{ store: {{ kind: ssm, name: /{'a' * 512} }} }}"),
        "provisioning.store.name", "512 at most",
    ),
    "the label of the app for its command line": (
        with_section("app", "{ label: AWS, commandLine: { label: aws } }"),
        "app.commandLine.label", "= 'aws': is that of the app for AWS too",
    ),
    "the console of another partition": (
        with_section("app", "{ loginUrl: 'https://console.amazonaws.cn/' }"),
        "app.loginUrl", "is a console of aws-cn, and the accounts are in aws",
    ),
    "a slip in Okta's domain": (
        with_section("okta", "{ org: acme, baseUrl: okta.con }"),
        "okta.baseUrl", "= 'okta.con': is a slip of okta.com; write okta.com, oktapreview.com",
    ),
    "Okta's domain with the org in front": (
        with_section("okta", "{ org: acme, baseUrl: acme.okta.com }"),
        "okta.baseUrl", "holds more than the domain of Okta",
    ),
    "an expression with an open parenthesis": (
        with_section("app", "{ userNameTemplate: 'String.toLowerCase(user.login' }"),
        "app.userNameTemplate", "has parentheses that are not in pairs",
    ),
    "a session tag with an open quote": (
        with_section("app", "{ sessionTags: { team: O'Brien } }"),
        "app.sessionTags.team", "has a quote that is not closed",
    ),
    "a network of all addresses": (
        with_section("provisioning", '{ sourceIps: ["::/0"] }'),
        "provisioning.sourceIps.0", "is every address, so that it limits nothing",
    ),
    "waits in the wrong order": (
        with_section("okta", "{ minWaitSeconds: 200, longestWaitSeconds: 100 }"),
        "okta", "has minWaitSeconds 200 over longestWaitSeconds 100",
    ),
    "a tag with a character that AWS refuses": (
        with_section("tags", "{ owner: a&b }"), "tags.owner", "holds '&', and a tag takes",
    ),
    "aws: in capitals in a tag": (
        with_section("tags", "{ AWS:x: y }"), "tags.AWS:x", "AWS keeps for itself",
    ),
    "a blank key of a tag": (with_section("tags", '{ " ": x }'), "tags. ", "is blank; write a key"),
    "a session tag that STS refuses": (
        with_section("app", "{ sessionTags: { R&D: user.department } }"),
        "app.sessionTags.R&D", "holds '&'",
    ),
    "a static session tag that STS refuses": (
        with_section("app", '{ sessionTags: { team: \'"R&D"\' } }'),
        "app.sessionTags.team", "holds '&'",
    ),
    "a static session tag without quotes that STS refuses": (
        with_section("app", "{ sessionTags: { team: R&D } }"), "app.sessionTags.team", "holds '&'",
    ),
}  # fmt: skip
CASE = {
    "roles": (with_roles("Developer: {}, developer: {}"), "roles.developer", "in case alone, and IAM"),
    "groups": (
        with_groups("Dev: { roles: [Developer] }, dev: { roles: [Developer] }"),
        "groups.dev", "in case alone, and Okta",
    ),
    "tags": (with_section("tags", "{ owner: a, Owner: b }"), "tags.Owner", "in case alone"),
    "a role's tag beside the stack's": (
        with_role("tags: { Owner: b }") + "  okta-aws-federation:tags: { owner: a }\n",
        "roles.Developer.tags.Owner", "write owner",
    ),
    "customer policies": (
        with_role(f"customerPolicies: {{ Reports: {ALLOW}, reports: {ALLOW} }}"),
        "roles.Developer.customerPolicies.reports", "in case alone",
    ),
    "customer policies of two roles": (
        with_roles(
            f"Developer: {{ customerPolicies: {{ Reports: {ALLOW} }} }},"
            f" Other: {{ customerPolicies: {{ reports: {ALLOW} }} }}"
        ),
        "roles.Other.customerPolicies.reports", "roles.Developer has that one",
    ),
    "a customer policy and Okta's": (
        with_role(f"customerPolicies: {{ oktamasteraccountpolicy: {ALLOW} }}"),
        "roles.Developer.customerPolicies.oktamasteraccountpolicy", "provisioning.policy has that",
    ),
    "a customer policy called as Okta's": (
        with_role(f"customerPolicies: {{ OktaMasterAccountPolicy: {ALLOW} }}"),
        "roles.Developer.customerPolicies.OktaMasterAccountPolicy", "is also a policy of prov",
    ),
    "inline policies": (
        with_role(f"inlinePolicies: {{ P: {ALLOW}, p: {ALLOW} }}"),
        "roles.Developer.inlinePolicies.p", "in case alone",
    ),
    "session tags": (
        with_section("app", "{ sessionTags: { team: user.x, Team: user.y } }"),
        "app.sessionTags.Team", "STS compares names without it",
    ),
    "a role's session tag beside the app's": (
        with_role("trust: { sessionTags: [Team] }")
        + "  okta-aws-federation:app: { sessionTags: { team: user.x } }\n",
        "roles.Developer.trust.sessionTags.0", "= 'Team': differs from team in case alone",
    ),
    "members": (
        with_group("members: [ada@example.com, Ada@example.com]"),
        "groups.Dev", "names Ada@example.com twice",
    ),
    "people": (
        with_group("members: [n@x.de, N@x.de]")
        + "  okta-aws-federation:people: { n@x.de: { firstName: A, lastName: B, email: a@b.de } }\n",
        "groups.Dev", "names N@x.de twice",
    ),
    "a person beside the member": (
        with_group("members: [N@x.de]")
        + "  okta-aws-federation:people: { n@x.de: { firstName: A, lastName: B, email: a@b.de } }\n",
        "people.n@x.de", "write N@x.de",
    ),
    "everyone": (with_groups("everyone: { roles: [Developer] }"), "groups.everyone", "every person"),
    "the keys of a condition": (
        with_condition("IpAddress: { aws:SourceIp: 10.0.0.1, aws:sourceip: 10.0.0.2 }"),
        f"{CONDITION}.IpAddress.aws:sourceip", "without case",
    ),
}  # fmt: skip
ARNS = {
    "a managed policy of another account": (
        with_role(f'managedPolicies: ["{POLICY}"]'),
        "roles.Developer.managedPolicies.0", f"= '{POLICY}': is not in the account of the role",
    ),
    "a managed policy of another partition": (
        with_role('managedPolicies: ["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"]'),
        "roles.Developer.managedPolicies.0",
        "is in partition aws-cn, and the accounts are in aws; begin it with arn:aws:",
    ),
    "a managed policy that is a role": (
        with_role('managedPolicies: ["arn:aws:iam::123456789012:role/x"]'),
        "roles.Developer.managedPolicies.0", "must be the name of an AWS managed policy",
    ),
    "a boundary in an account that is not there": (
        with_role(f'boundary: "{POLICY}", accounts: [mian]'), "roles.Developer.accounts.0", "= 'mian'",
    ),
    "a policy without a name behind its path": (
        with_role("managedPolicies: ['arn:aws:iam::123456789012:policy/team/']"),
        "roles.Developer.managedPolicies.0", "must be the name of an AWS managed policy",
    ),
    "a policy of the stack by its ARN": (
        with_role(
            "managedPolicies: ['arn:aws:iam::123456789012:policy/oktamasteraccountpolicy']"
        ),
        "roles.Developer.managedPolicies.0", "is made by this stack as provisioning.policy, maybe",
    ),
    "a customer policy of the role as its boundary": (
        with_role(
            "boundary: 'arn:aws:iam::123456789012:policy/Reports',"
            f" customerPolicies: {{ Reports: {ALLOW} }}"
        ),
        "roles.Developer.boundary", "is made by this stack as roles.Developer.customerPolicies.Rep",
    ),
    "the app's own provider as a further one": (
        with_role("trust: { providers: [okta] }"),
        "roles.Developer.trust.providers.0", "= 'okta': is among the role's SAML providers already",
    ),
    "a provider by name and by ARN": (
        with_role(
            "trust: { providers: [Old, 'arn:aws:iam::123456789012:saml-provider/Old'] }"
        ),
        "roles.Developer.trust.providers.1", "is among the role's SAML providers already",
    ),
    "a provider of another account in a statement": (
        with_trust(
            "Action: 'sts:AssumeRoleWithWebIdentity',"
            " Principal: { Federated: 'arn:aws:iam::210987654321:oidc-provider/gitlab.com' },"
            " Condition: { StringEquals: { 'gitlab.com:sub': x } }"
        ),
        f"{TRUST}.Principal.Federated", "is not in the account",
    ),
    "a queue's name over the limit": (
        with_role(f"alarms: ['arn:aws:sqs:us-east-1:123456789012:{'q' * 81}']"),
        "roles.Developer.alarms.0", "must be the ARN of an SNS topic or an SQS queue",
    ),
    "a KMS key of another region": (
        with_section(
            "provisioning",
            "{ store: { kind: ssm, kmsKey: 'arn:aws:kms:eu-west-1:123456789012:alias/x' } }",
        ),
        "provisioning.store.kmsKey", "is not in us-east-1, where the secret key is stored",
    ),
    "a KMS key of another service": (
        with_section("provisioning", "{ store: { kind: ssm, kmsKey: alias/aws/s3 } }"),
        "provisioning.store.kmsKey", "= 'alias/aws/s3': is AWS's key for another service than ssm",
    ),
    "a KMS key's id without its dashes": (
        with_section(
            "provisioning", "{ store: { kind: ssm, kmsKey: 1234abcd12ab34cd56ef1234567890ab } }"
        ),
        "provisioning.store.kmsKey", "must be the id, the alias or the ARN of a KMS key",
    ),
    "a boundary of another account": (
        with_role(f'boundary: "{POLICY}"'), "roles.Developer.boundary", "is not in the account",
    ),
    "an alarm of another partition": (
        with_role('alarms: ["arn:aws-us-gov:sns:us-gov-west-1:123456789012:x"]'),
        "roles.Developer.alarms.0", "is in partition aws-us-gov",
    ),
    "an alarm in a region that does not exist": (
        with_role('alarms: ["arn:aws:sns:us-east-9:123456789012:x"]'),
        "roles.Developer.alarms.0", "is not a region that AWS lists",
    ),
    "a provider of another account": (
        with_role('trust: { providers: ["arn:aws:iam::210987654321:saml-provider/Old"] }'),
        "roles.Developer.trust.providers.0", "is not in the account",
    ),
    "assumeRole in another partition": (
        with_account(
            'id: "123456789012", region: us-east-1,'
            ' assumeRole: "arn:aws-cn:iam::123456789012:role/D"'
        ),
        "accounts.main", "a role of another partition",
    ),
    "a KMS key of another account": (
        with_section(
            "provisioning",
            '{ store: { kind: ssm, kmsKey: "arn:aws:kms:us-east-1:210987654321:alias/x" } }',
        ),
        "provisioning.store.kmsKey", "is not in the account",
    ),
    "a KMS key that is none": (
        with_section("provisioning", '{ store: { kind: ssm, kmsKey: "my key" } }'),
        "provisioning.store.kmsKey", "must be the id, the alias or the ARN of a KMS key",
    ),
    "a resource of another partition": (
        with_statement('Action: "s3:*", Resource: "arn:aws-cn:s3:::x"'),
        f"{STATEMENT}.Resource", "is in partition aws-cn",
    ),
    "an expected resource of another partition": (
        with_section(
            "expect",
            '[{ group: Dev, cannot: [{ action: "s3:GetObject", resource: "arn:aws-cn:s3:::x/y" }] }]',
        ),
        "expect.0.cannot.0.resource", "is in partition aws-cn",
    ),
}  # fmt: skip
STATEMENTS = {
    "no actions": (with_statement('Action: [], Resource: "*"'), f"{STATEMENT}.Action", "empty list"),
    "no resources": (
        with_statement('Action: "s3:*", Resource: []'), f"{STATEMENT}.Resource", "empty list",
    ),
    "neither": (with_statement('Resource: "*"'), STATEMENT, "must have either Action or NotAction"),
    "an action without a service": (
        with_statement('Action: GetObject, Resource: "*"'),
        f"{STATEMENT}.Action", "= 'GetObject': is not service:Action",
    ),
    "an action with a blank": (
        with_statement('Action: ["s3: GetObject"], Resource: "*"'),
        f"{STATEMENT}.Action.0", "= 's3: GetObject': is not service:Action",
    ),
    "an empty action": (
        with_statement('Action: "", Resource: "*"'), f"{STATEMENT}.Action", "= '': is not service",
    ),
    "a wildcard over the colon of an action": (
        with_statement('Action: "s3?GetObject", Resource: "*"'), f"{STATEMENT}.Action", "is not ser",
    ),
    "a resource that is no ARN": (
        with_statement('Action: "s3:*", Resource: my-bucket'),
        f"{STATEMENT}.Resource", "= 'my-bucket': is neither an ARN nor",
    ),
    "a wildcard over a colon of a resource": (
        with_statement('Action: "s3:*", Resource: "arn:aws:s3?::x"'),
        f"{STATEMENT}.Resource", "no wildcard stands for its service or a colon",
    ),
    "a resource with a short account": (
        with_statement('Action: "iam:*", Resource: "arn:aws:iam::12345:role/x"'),
        f"{STATEMENT}.Resource", "is neither an ARN",
    ),
    "a wildcard in a resource's service": (
        with_statement("Action: 's3:*', Resource: 'arn:aws:s*:::x'"),
        f"{STATEMENT}.Resource", "no wildcard stands for its service",
    ),
    "a kind of resource that IAM does not have": (
        with_statement("Action: 'iam:*', Resource: 'arn:aws:iam::123456789012:roles/x'"),
        f"{STATEMENT}.Resource", "is no resource of IAM; write it as arn:aws:iam::",
    ),
    "a wildcard for kinds of resources of IAM": (
        with_statement("Action: 'iam:*', Resource: 'arn:aws:iam::123456789012:r*'"),
        f"{STATEMENT}.Resource", "is no resource of IAM",
    ),
    "any region in a bucket's ARN": (
        with_statement("Action: 's3:*', Resource: 'arn:*:s3:*:*:b/*'"),
        f"{STATEMENT}.Resource", "has a region, which ARNs of s3 don't have; take * out",
    ),
    "a region in an ARN of IAM": (
        with_statement("Action: 'iam:*', Resource: 'arn:aws:iam:us-east-1:123456789012:role/x'"),
        f"{STATEMENT}.Resource", "has a region, which ARNs of iam don't have; take us-east-1 out",
    ),
    "a region in a bucket's ARN": (
        with_statement("Action: 's3:*', Resource: 'arn:aws:s3:us-east-1::bucket/*'"),
        f"{STATEMENT}.Resource", "has a region, which ARNs of s3 don't have",
    ),
    "a zone as a resource's region": (
        with_statement(
            "Action: 'ec2:*', Resource: 'arn:aws:ec2:us-east-1a:123456789012:instance/*'"
        ),
        f"{STATEMENT}.Resource", "matches nothing: is not a region that AWS lists",
    ),
    "a variable as a resource's service": (
        with_statement("Action: 's3:*', Resource: 'arn:aws:${aws:username}:::x'"),
        f"{STATEMENT}.Resource", "no wildcard stands for its service",
    ),
    "a variable of a program": (
        with_statement("Action: 's3:*', Resource: 'arn:aws:s3:::${bucket}/*'"),
        f"{STATEMENT}.Resource", "has ${bucket}, which stands for nothing",
    ),
    "a service of China": (
        with_trust("Action: 'sts:AssumeRole', Principal: { Service: ec2.amazonaws.com.cn }"),
        f"{TRUST}.Principal.Service", "is a service of the partition aws-cn; write ec2.amazonaws.com",
    ),
    "a user of S3 as principal": (
        with_trust("Action: 'sts:AssumeRole', Principal: { CanonicalUser: abc }"),
        f"{TRUST}.Principal.CanonicalUser", "must be 'AWS', 'Service' or 'Federated'",
    ),
    "a session without its name as principal": (
        with_trust(
            "Action: 'sts:AssumeRole',"
            " Principal: { AWS: 'arn:aws:sts::123456789012:assumed-role/x' }"
        ),
        f"{TRUST}.Principal.AWS", "is no AWS principal",
    ),
    "a session of IAM as principal": (
        with_trust(
            "Action: 'sts:AssumeRole',"
            " Principal: { AWS: 'arn:aws:iam::123456789012:assumed-role/x/y' }"
        ),
        f"{TRUST}.Principal.AWS", "is no AWS principal",
    ),
    "a role of the stack without its path": (
        with_roles(
            "Developer: { trust: { statements: [{ Effect: Allow, Action: 'sts:AssumeRole',"
            " Principal: { AWS: 'arn:aws:iam::123456789012:role/other' } }] } },"
            " Other: { path: /okta/ }"
        ),
        f"{TRUST}.Principal.AWS", "spelling is; write arn:aws:iam::123456789012:role/okta/Other",
    ),
    "a role's name of AWS's own": (
        with_roles("Developer: {}, AWSServiceRoleForX: {}"),
        "roles.AWSServiceRoleForX", "not begin as roles that AWS makes",
    ),
    "a role's path of AWS's own": (
        with_role("path: /aws-service-role/x.amazonaws.com/"),
        "roles.Developer.path", "not be a path of AWS's own",
    ),
    "an open variable": (
        with_statement('Action: "s3:*", Resource: "arn:aws:s3:::x/${aws:username/*"'),
        f"{STATEMENT}.Resource", "has ${ without }",
    ),
    "a resource with an invisible character": (
        with_statement('Action: "s3:*", Resource: ["arn:aws:s3:::a", "arn:aws:s3:::x\\u200b/*"]'),
        f"{STATEMENT}.Resource.1", "holds U+200B (zero width space); take it out",
    ),
    "a resource with a line break": (
        with_statement('Action: "s3:*", Resource: "arn:aws:s3:::x\\ny"'),
        f"{STATEMENT}.Resource", "holds a line break",
    ),
    "a provider by its name alone": (
        with_trust('Action: "sts:AssumeRoleWithSAML", Principal: { Federated: OktaOld }'),
        f"{TRUST}.Principal.Federated", "= 'OktaOld': is no Federated principal",
    ),
    "a wildcard in a principal": (
        with_trust('Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::123456789012:role/*" }'),
        f"{TRUST}.Principal.AWS", "is no AWS principal",
    ),
    "a principal of another partition": (
        with_trust('Action: "sts:AssumeRole", Principal: { AWS: "arn:aws-cn:iam::123456789012:root" }'),
        f"{TRUST}.Principal.AWS", "is in partition aws-cn",
    ),
    "one Sid twice": (
        with_role(
            "inlinePolicies: { P: [{ Sid: A, Effect: Allow, Action: s3:Get*, Resource: '*' },"
            " { Sid: A, Effect: Deny, Action: s3:Put*, Resource: '*' }] }"
        ),
        "roles.Developer.inlinePolicies.P.1.Sid", "= 'A': is the Sid of another statement",
    ),
    "a lower-case key": (
        with_statement('action: "s3:*", Resource: "*"'), f"{STATEMENT}.action", "mean 'Action'?",
    ),
    "a trust of another service's action": (
        with_trust('Action: "s3:GetObject", Principal: { Service: ec2.amazonaws.com }'),
        f"{TRUST}.Action", "is not an action of a trust policy",
    ),
    "a trust of everybody": (
        with_trust('Action: "sts:AssumeRole", Principal: { AWS: "*" }'),
        TRUST, "lets every AWS account assume the role; name",
    ),
    "a principal that is none": (
        with_trust('Action: "sts:AssumeRole", Principal: { AWS: "ada" }'),
        f"{TRUST}.Principal.AWS", "= 'ada': is no AWS principal",
    ),
    "a service that is none": (
        with_trust('Action: "sts:AssumeRole", Principal: { Service: ec2 }'),
        f"{TRUST}.Principal.Service", "= 'ec2': is no Service principal",
    ),
    "a trust policy over the quota": (
        with_role(f"trust: {{ sessionTags: [{', '.join(f'tag-number-{n}' for n in range(150))}] }}"),
        "roles.Developer.trust", "characters, and the account takes 2,048",
    ),
}  # fmt: skip
CONDITIONS = {
    f"{operator} {value}": (
        with_condition(f"{operator}: {{ x:y: {value} }}"), f"{CONDITION}.{operator.strip(chr(39))}.x:y", words,
    )
    for operator, values, words in (
        ("DateLessThan", ("2026-12", "soon", "2026", "'2026-02-30'", "'2026-12-31T25:00:00Z'",
                          "'2026-12-31T10:00:00'", "'31.12.2026'", "99999999"), "is not a day or moment"),
        ("NumericLessThan", ("soon", "inf", "'1_000'", "'1e3'", "'0x10'", "''"), "is not a number"),
        ("Bool", ("maybe", "'yes'", "1"), "is neither true nor false"),
        ("'Null'", ("'no'",), "is neither true nor false"),
        ("IpAddress", ("home", "10.0.0.0/33", "10.0.0", "10.0.0.0/08", "10.0.0.0/255.0.0.0"), "is not a range of addresses"),
        ("NotIpAddress", ("home",), "is not a range of addresses"),
        ("ArnLike", ("x", "a:b:c:d:e:f", "'arn:aws:s3?::x'", "'arn:aws:iam*'"), "is not an ARN"),
        ("BinaryEquals", ("'a'", "'YWJj!'"), "is not base64"),
        ("StringEquals", ("[]",), "is an empty list"),
        ("StringNotEquals", ("[[a]]", "[a, { b: c }]"), "must be a value or a list of values"),
        ("StringLike", ("'${aws:username'",), "has ${ without }"),
        ("ForAnyValue:NumericEqualsIfExists", ("many",), "is not a number"),
    )
    for value in values
}  # fmt: skip
CONDITIONS |= {
    "a key without a service": (
        with_condition("StringEquals: { SourceIp: x }"),
        f"{CONDITION}.StringEquals.SourceIp", "is no condition key",
    ),
    "a key with a blank": (
        with_condition("StringEquals: { 'aws: SourceIp': x }"),
        f"{CONDITION}.StringEquals.aws: SourceIp", "is no condition key",
    ),
    "a mapping as a value": (
        with_condition("StringEquals: { x:y: { a: b } }"),
        f"{CONDITION}.StringEquals.x:y", "must be a value or a list of values",
    ),
    "a key without a name": (
        with_condition("StringEquals: { 'aws:': x }"),
        f"{CONDITION}.StringEquals.aws:", "is no condition key",
    ),
    "a wildcard in a key": (
        with_condition("StringEquals: { 'aws:*': x }"),
        f"{CONDITION}.StringEquals.aws:*", "is no condition key",
    ),
    "a variable that stands for nothing": (
        with_condition("StringEquals: { s3:prefix: '${user}/' }"),
        f"{CONDITION}.StringEquals.s3:prefix", "has ${user}, which stands for nothing",
    ),
    "a context key without a service": (
        with_section(
            "expect", "[{ group: Dev, cannot: [{ action: iam:*, context: { SourceIp: x } }] }]"
        ),
        "expect.0.cannot.0.context.SourceIp", "is no condition key; write one such as aws:SourceIp",
    ),
    "an invisible character in a value": (
        with_condition('StringEquals: { aws:PrincipalTag/team: "blue\\u200b" }'),
        f"{CONDITION}.StringEquals.aws:PrincipalTag/team", "U+200B",
    ),
}  # fmt: skip
MEMBERS = {
    "a person in no group": (
        with_section("people", "{ n@x.de: { firstName: A, lastName: B, email: a@b.de } }"),
        "people.n@x.de", "is in no group",
    ),
    "a new login that is no address": (
        with_group("members: [joan]")
        + "  okta-aws-federation:people: { joan: { firstName: A, lastName: B, email: a@b.de } }\n",
        "people.joan", "must be an e-mail address: Okta takes no other login for somebody new",
    ),
    "a role twice in a group": (
        with_groups("Dev: { roles: [Developer, Developer] }"),
        "groups.Dev.roles.1", "= 'Developer': is in the list twice",
    ),
    "a rule with one =": (
        with_group("rule: 'user.department=\"x\"'"), "groups.Dev.rule", "has a single =; write ==",
    ),
    "a rule with one &": (
        with_group("rule: 'user.x==\"a\" & user.y==\"b\"'"), "groups.Dev.rule", "a single &; write &&",
    ),
    "a rule that begins with an operator": (
        with_group("rule: 'AND user.x==\"a\"'"), "groups.Dev.rule", "has AND with nothing before it",
    ),
    "a rule of two values": (
        with_group("rule: 'user.department \"Sales\"'"),
        "groups.Dev.rule", 'has "Sales" right behind user.department; write an operator',
    ),
    "a rule in words of SQL": (
        with_group("rule: 'user.department LIKE \"x%\"'"), "groups.Dev.rule", "has LIKE right behind",
    ),
    "a rule with a text without quotes": (
        with_group("rule: user.department==Sales"),
        "groups.Dev.rule", 'has Sales, which is neither an attribute nor a text; write "Sales" in qu',
    ),
    "a rule with a text alone": (
        with_group("rule: '\"Sales\"'"), "groups.Dev.rule", "is neither true nor false",
    ),
    "a rule with another object": (
        with_group("rule: 'usr.x==\"a\"'"), "groups.Dev.rule", "(did you mean 'user'?)",
    ),
    "a rule with another function": (
        with_group("rule: 'isMemberOfGroupNam(\"x\")'"),
        "groups.Dev.rule", "(did you mean 'isMemberOfGroupName'?)",
    ),
    "a rule with quotes of a word processor": (
        with_group("rule: 'user.x==“a”'"), "groups.Dev.rule", "has '“' outside of quotes; take it out",
    ),
    "a rule with parentheses in the wrong order": (
        with_group("rule: '(user.x==\"a\")) or ((user.y)'"), "groups.Dev.rule", "has ) where nothing",
    ),
    "a rule with a comma": (
        with_group("rule: 'user.x==\"a\", user.y==\"b\"'"), "groups.Dev.rule", "has , where nothing",
    ),
    "a user's id": (
        with_group("id: 00u1b2c3d4e5f6g7h8i9"), "groups.Dev.id", "must be a group's id of Okta",
    ),
    "one id in two groups": (
        with_groups(
            "Dev: { roles: [Developer], id: 00g1b2c3d4e5f6g7h8i9 },"
            " Ops: { roles: [Developer], id: 00g1b2c3d4e5f6g7h8i9 }"
        ),
        "groups.Ops.id", "is also that of Dev; write both as one group",
    ),
    "accounts of a group in the other mode": (
        with_group("accounts: [main]"), "groups.Dev.accounts", "is not read in mode saml-roles",
    ),
    "an address with two dots": (
        with_group("members: [n@x.de]")
        + "  okta-aws-federation:people: { n@x.de: { firstName: A, lastName: B, email: a@b..de } }\n",
        "people.n@x.de.email", "must be an e-mail address",
    ),
    "an address with an invisible character": (
        with_group("members: [n@x.de]") + "  okta-aws-federation:people:"
        ' { n@x.de: { firstName: A, lastName: B, email: "a\\u200b@b.de" } }\n',
        "people.n@x.de.email", "must be an e-mail address",
    ),
    "a rule with three =": (
        with_group("rule: 'user.department===\"x\"'"), "groups.Dev.rule", "has a single =; write ==",
    ),
    "a rule that ends with an operator": (
        with_group("rule: 'user.department==\"x\" AND '"), "groups.Dev.rule", "write a value behind",
    ),
    "a rule about the status": (
        with_group("rule: 'user.status==\"ACTIVE\"'"), "groups.Dev.rule", "reads user.status",
    ),
    "a rule with an open quote": (
        with_group("rule: 'user.x==\"y'"), "groups.Dev.rule", "a quote that is not closed",
    ),
    "an expectation of nothing": (
        with_section("expect", "[{ user: ada@example.com }]"), "expect.0", "checks nothing",
    ),
    "a snake-case key": (
        with_section("app", "{ session_hours: 2 }"), "app.session_hours", "mean 'sessionHours'?",
    ),
    "a parameter of AWS's own": (
        with_section("provisioning", "{ store: { kind: ssm, name: /aws/okta } }"),
        "provisioning.store.name", "= '/aws/okta': begins with aws or ssm",
    ),
    "a parameter path without a slash": (
        with_section("provisioning", "{ store: { kind: ssm, name: okta/key } }"),
        "provisioning.store.name", "write /okta/key",
    ),
    "a region that does not exist": (
        with_account('id: "123456789012", region: us-east-9'),
        "accounts.main.region", "= 'us-east-9': is not a region that AWS lists",
    ),
    "a sign-in region that does not exist": (
        with_section("app", "{ signInRegion: eu-zentral-1 }"), "app.signInRegion", "is not a region",
    ),
    "an isolated region": (
        with_account('id: "123456789012", region: us-iso-east-1'),
        "accounts.main.region", "lies in partition aws-iso, which is not supported",
    ),
}  # fmt: skip
MAPPING = {
    name: (f"{MAPPED}  okta-aws-federation:app: {{ {body} }}\n", key, words)
    for name, body, key, words in (
        ("an unknown placeholder", "groupName: 'aws_${account}_${role}'", "app.groupName",
         "has ${account}, which stands for nothing"),
        ("a filter of Python", "groupFilter: 'aws_(?P<accountid>\\d+)_(?P<role>.+)'",
         "app.groupFilter", "has (?P, which Okta does not read"),
        ("a filter without a role", "groupFilter: 'aws_(?{{accountid}}\\d+)'", "app.groupFilter",
         "has no capture (?{{role}}...)"),
        ("a filter that never ends", "groupFilter: 'aws_(?{{accountid}}\\d+)_(?{{role}}(a|aa)+)$'",
         "app.groupFilter", "can take for ever"),
        ("another that never ends", "groupFilter: 'aws_(?{{accountid}}\\d+)_(?{{role}}([a-z]+)*)$'",
         "app.groupFilter", "can take for ever"),
        ("an app filter of something else", "appFilter: 'okta;ldap'", "app.appFilter",
         "must be names of sources with commas between"),
        ("an app filter that misses the stack's own groups", "appFilter: active_directory",
         "app.appFilter", "passes over the groups that this stack makes"),
        ("a format as a template", "userNameTemplate: '${user.login}'", "app.userNameTemplate",
         "has $, which stands for nothing in an expression"),
        ("a set in a set", "groupFilter: 'aws_(?{{accountid}}\\d+)_(?{{role}}[[:alpha:]]+)'",
         "app.groupFilter", "has a set inside a set, which Okta and this program read differently"),
        ("a set without another", "groupFilter: 'aws_(?{{accountid}}\\d+)_(?{{role}}[a-z&&[^x]]+)'",
         "app.groupFilter", "has a set inside a set"),
        ("names over the limit",
         f"groupName: 'aws_${{accountid}}_${{role}}_{'x' * 230}',"
         " groupFilter: 'aws_(?{{accountid}}\\d+)_(?{{role}}[A-Za-z]+)'",
         "app.groupName", "makes a group's name of 257 characters for role Developer, and Okta takes"),
        ("a filter of many repeats",
         "groupFilter: '.*.*.*aws_(?{{accountid}}\\d+)_(?{{role}}.+)$'",
         "app.groupFilter", "has 5 repeats without an end"),
    )
}  # fmt: skip
ROLE_GROUP = "aws_123456789012_Developer"
MAPPING |= {
    name: (HEAD + ROLES.replace("roles: { ", "roles: { Other: {}, ")
           + f"  okta-aws-federation:mode: group-mapping\n  okta-aws-federation:groups: {{ {body} }}\n",
           key, words)
    for name, body, key, words in (
        ("a role group of one's own", f"{ROLE_GROUP}: {{ roles: [Developer] }}",
         f"groups.{ROLE_GROUP}", "by its name alone; rename the group"),
        ("a role group of another account",
         "aws_210987654321_Developer: { roles: [Developer], existing: true }",
         "groups.aws_210987654321_Developer", "add the account, or take it out"),
        ("a role group with another role", f"{ROLE_GROUP}: {{ roles: [Other], existing: true }}",
         f"groups.{ROLE_GROUP}.roles", "by its name alone; write roles: [Developer]"),
        ("a role group with one role more",
         f"{ROLE_GROUP}: {{ roles: [Developer, Other], existing: true }}",
         f"groups.{ROLE_GROUP}.roles", "by its name alone; write roles: [Developer]"),
        ("people of another group for a role group that exists",
         f"{ROLE_GROUP}: {{ roles: [Developer], existing: true }},"
         " Dev: { roles: [Developer], members: [ada@example.com] }", "groups.Dev.roles",
         f"gives its people Developer through {ROLE_GROUP}, which is in Okta already"),
    )
}  # fmt: skip
SECRETS = {
    name: (with_section("tags", f"{{ note: '{secret}' }}"), "tags.note", f"looks like {what}")
    for name, secret, what in (
        ("an access key", "AKIA" + "IOSFODNN7EXAMPLE"[:16].replace("7", "6"), "the id of an AWS acc"),
        ("a secret key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "an AWS secret access key"),
        ("a private key", "-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("a token of Okta", "00" + "aB3-" * 10, "an API token of Okta"),
        ("a token of GitHub", "ghp_" + "a1B2" * 9, "a token of GitHub"),
        ("a token of Pulumi", "pul-" + "0a1b" * 10, "a token of Pulumi Cloud"),
        ("a session token of AWS", "IQoJb3JpZ2luX2VjEJr" + "aB3" * 10, "a session token of AWS"),
        ("a webhook", "https://hooks.slack.com/services/T0/B0/" + "aB3" * 8, "a token of Slack"),
        ("a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", "a signed token"),
    )
}  # fmt: skip
SECRETS["an access key under the name of a key of Pulumi's"] = (
    with_section("tags", "{ encryptedkey: AKIAIOSFODNN6EXAMPLE }"),
    "tags.encryptedkey", "looks like the id of an AWS access key",
)  # fmt: skip
SECRETS["a secret in a role called secure"] = (
    with_roles("Developer: {}, secure: { description: '00" + "aB3-" * 10 + "' }"),
    "roles.secure.description", "looks like an API token of Okta",
)  # fmt: skip
SECRETS["a secret in a comment"] = (
    GOOD + "# export OKTA_API_TOKEN=" + "00" + "aB3-" * 10 + "\n",
    "comment", "looks like an API token of Okta",
)  # fmt: skip
SECRETS["a secret of another program"] = (
    GOOD + "  okta:apiToken: " + "00" + "aB3-" * 10 + "\n",
    "config.okta:apiToken", "looks like an API token of Okta",
)  # fmt: skip
MAPPING["people of a group that a directory masters"] = (
    HEAD + ROLES + "  okta-aws-federation:mode: group-mapping\n"
    "  okta-aws-federation:app: { appFilter: active_directory }\n  okta-aws-federation:groups: "
    f"{{ {ROLE_GROUP}: {{ roles: [Developer], existing: true, members: [ada@example.com] }} }}\n",
    f"groups.{ROLE_GROUP}", "names people of a group of active_directory, who are chosen there",
)  # fmt: skip

KINDS = {
    f"{kind}: {name}": case
    for kind, cases in (
        ("YAML", YAML), ("text", TEXTS), ("case", CASE), ("ARN", ARNS), ("statement", STATEMENTS),
        ("condition", CONDITIONS), ("group", MEMBERS), ("mapping", MAPPING), ("secret", SECRETS),
    )
    for name, case in cases.items()
}  # fmt: skip

EXPRESSIONS = (
    'user.title=="it""s" and !isMemberOfGroup("00g1")',
    'user.email.endsWith("@x.de") || user.level > 3',
    'user.isMemberOf({"group.id": "00g1"}) && Arrays.contains(user.roles, "a")',
    'user.getGroups({"group.type": {"OKTA_GROUP"}}).![name].contains("a")',
    'hasDirectoryUser() and findDirectoryUser().managerUpn=="x"',
    'google_app.domain=="x" OR not (user.a eq "x = (y")',
    "user.a==null ? user.isContractor : String.len(user.b) >= -1",
    'user["department"]=="x" and user.city=="Zürich" and user.c matches "[a-z]+"',
)
RESOURCES = (
    "arn:aws:iam::*:root", "arn:aws:iam::123456789012:*", "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:iam::${aws:PrincipalAccount}:role/x", "arn:aws:ec2:us-*-1::image/ami-*",
    "arn:aws:s3:us-west-2:123456789012:accesspoint/a/object/*", "arn:aws:s3:::b/${*}/${$}",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}/*", "arn:aws:sts::123456789012:assumed-role/*",
)  # fmt: skip
PRINCIPALS = (
    "210987654321", "arn:aws:iam::210987654321:root", "arn:aws:iam::210987654321:role/a:b!c/Developer",
    "arn:aws:sts::210987654321:assumed-role/x/ada@example.com",
    "arn:aws:sts::210987654321:federated-user/ada", "arn:aws:iam::210987654321:user/ops/ada",
)  # fmt: skip

GOOD_FILES = {
    "expressions of every form": with_groups(
        ", ".join(
            f"G{number}: {{ roles: [Developer], rule: {json.dumps(each)} }}"
            for number, each in enumerate(EXPRESSIONS)
        )
    ),
    "resources of every form": with_statement(f"Action: '*', Resource: {json.dumps(RESOURCES)}"),
    "condition keys of every form": with_condition(
        "StringEquals: { 'token.actions.githubusercontent.com:sub': x, 'aws:PrincipalTag/a:b/c': x,"
        " 'oidc.eks.eu-west-1.amazonaws.com/id/A:aud': x, 'kms:EncryptionContext:aws:s3:arn': x }"
    ),
    "principals of every form": with_trust(
        "Action: ['sts:AssumeRole', 'sts:TagSession'], Principal: { AWS:"
        f" {json.dumps(PRINCIPALS)}, Service: [ec2.amazonaws.com, logs.eu-west-1.amazonaws.com] }}"
    ),
    "a role that its own sessions assume": with_trust(
        "Action: 'sts:AssumeRole', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Condition:"
        " { ArnEquals: { aws:PrincipalArn: 'arn:aws:iam::123456789012:role/Developer' } }"
    ),
    "a domain of one's own": with_section("okta", "{ org: id, baseUrl: example.com }"),
    "an address with a plus, and one with an apostrophe": with_group("members: [n@x.de, m@x.de]")
    + "  okta-aws-federation:people: { n@x.de: { firstName: A, lastName: B, email: a+b@c.co.uk },"
    + ' m@x.de: { firstName: A, lastName: B, email: "o\'brien@xn--bcher-kva.example" } }\n' ,
    "keys of KMS": with_section(
        "provisioning",
        "{ store: { kind: ssm, kmsKey: mrk-1234abcd12ab34cd56ef1234567890ab, name: /a/b_c.d-e } }",
    ),
    "anchors beside config": "x-tags: &tags { owner: identity }\n"
    + GOOD
    + "  okta-aws-federation:tags: *tags\n",
    "a filter with brackets": MAPPED
    + "  okta-aws-federation:app: { groupName: 'aws[${accountid}]${role}', groupFilter:"
    + " 'aws\\[(?{{accountid}}\\d+)\\](?{{role}}[\\w+=,.@-]+)' }\n",
    "line ends of Windows": GOOD.replace("\n", "\r\n"),
    "a directive and both ends of a document": f"%YAML 1.1\n---\n{GOOD}...\n",
    "a file of JSON": json.dumps(
        {
            "config": {
                "okta-aws-federation:accounts": {"m": {"id": "123456789012", "region": "us-east-1"}},
                "okta-aws-federation:roles": {"Developer": {}},
            }
        }
    ),
    "a section of JSON": HEAD + GROUPS + """  okta-aws-federation:roles: '{"Developer": {}}'\n""",
    "what Pulumi keeps of another project": "encryptionsalt: v1:a=:v1:b:c=\n"
    + GOOD
    + "  okta:apiToken: { secure: v1:AAA }\n",
    "an encrypted value of another project that looks like a token": GOOD
    + "  okta:apiToken: { secure: " + "00" + "aB3-" * 10 + " }\n",
    "a tag called secure beside others": with_section("tags", "{ secure: x, owner: identity }"),
    "an emoji with a selector, and letters of the right to left": with_groups(
        '"Devs \\u2699\\ufe0f": { roles: [Developer] }, "مطورون": { roles: [Developer] }'
    ),
    "a leap day": with_group("temporary: { grace@example.com: 2028-02-29 }"),
    "a folded text": HEAD
    + "  okta-aws-federation:roles:\n    Developer:\n      description: >-\n        one\n        two\n"
    + GROUPS,
    "an address with a query": with_section(
        "app", '{ loginUrl: "https://console.aws.amazon.com/ec2/home?region=us-east-1#Instances:" }'
    ),
    "a role to deploy with": with_account(
        'id: "123456789012", region: us-east-1, assumeRole: "arn:aws:iam::123456789012:role/Deploy"'
    ),
    "an alias as a value": with_roles("Developer: &a { sessionHours: 2 }, Other: *a"),
    "a tag of a text": with_section("tags", "{ number: !!str 12 }"),
    "an alias as a key": with_section("tags", "{ a: &k owner, *k : identity }"),
    "merges of two mappings": with_roles(
        "Developer: &a { sessionHours: 2 }, B: &b { path: /x/ }, C: { <<: [*a, *b] }"
    ),
    "AWS's own key of the service that stores the secret key": with_section(
        "provisioning", "{ store: { kind: ssm, kmsKey: alias/aws/ssm } }"
    ),
    "a blank tag": with_section("tags", '{ owner: " " }'),
    "a native app and a policy": with_section("app", "{ commandLine: {}, signOnPolicy: {} }"),
    "a native app and a policy that exist": with_section(
        "app", "{ webSsoAllowedClient: 0oaccccccccccccccccc, signOnPolicyId: rstppppppppppppppppp }"
    ),
    "groups of Okta and of a directory": MAPPED
    + "  okta-aws-federation:app: { appFilter: 'active_directory, Okta' }\n",
    "a rule with a quote in quotes": with_group("rule: 'user.lastName==\"O''Brien\"'"),
    "a hash that begins no comment": with_role('description: "see #1, x#2"'),
    "as it is": GOOD,
    "letters of any language in tags": with_section("tags", "{ Größe: Zürich, 部署: 開発 }"),
    "a number as a role's name": HEAD
    + "  okta-aws-federation:roles: { 123: {}, 1.5: {} }\n"
    + "  okta-aws-federation:groups: { Dev: { roles: ['123', '1.5'], members: [a@b.de] } }\n",
    "a blank in an S3 key": with_section(
        "expect",
        '[{ group: Dev, cannot: [{ action: "s3:PutObject", resource: "arn:aws:s3:::a/b c.txt" }] }]',
    ),
    "bare numbers in conditions": with_condition("NumericLessThan: { s3:max-keys: 10 }"),
    "decimals in conditions": with_condition("NumericLessThan: { x:y: 1.5 }"),
    "bare booleans in conditions": with_condition("Bool: { aws:SecureTransport: true }"),
    "moments in conditions": with_condition(
        'DateLessThan: { aws:CurrentTime: ["2026-12-31T10:00:00Z", "2026-12-31"] }'
    ),
    "seconds in conditions": with_condition("DateLessThan: { aws:EpochTime: 1798675200 }"),
    "variables in conditions": with_condition('StringLike: { s3:prefix: "${aws:username}/*" }'),
    "a dollar sign": with_statement('Action: "s3:*", Resource: "arn:aws:s3:::a/${$}{x"'),
    "addresses of a host": with_condition("IpAddress: { aws:SourceIp: [10.0.0.1, 2001:db8::/32] }"),
    "a variable in a resource": with_statement(
        'Action: s3:GetObject, Resource: "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"'
    ),
    "wildcards in an ARN": with_statement('Action: "*", NotResource: "arn:*:s3:::b/*"'),
    "a day without quotes where a day is meant": with_role("trust: { closes: 2026-12-31 }"),
    "a day as pulumi writes it": with_section("today", "2026-12-31 00:00:00 +0000 UTC"),
    "a boolean that is false": with_section("protect", "false"),
    "a boolean as pulumi writes it": with_section("protect", '"true"'),
    "accents in a description": with_role("description: Prüft Zugänge"),
    "a description of several lines": with_role('description: "one\\ntwo"'),
    "a byte order mark": "\ufeff" + GOOD,
    "anchors and merges": HEAD
    + "  okta-aws-federation:roles:\n    A: &a { sessionHours: 2 }\n    B: { <<: *a, path: /x/ }\n"
    + "  okta-aws-federation:groups: { Dev: { roles: [A, B], members: [a@b.de] } }\n",
    "keys of other programs": GOOD + "  aws:region: us-east-1\n",
    "a role that a service enters": with_trust(
        'Action: "sts:AssumeRole", Principal: { Service: ec2.amazonaws.com }'
    ),
    "everybody of an organization": with_trust(
        'Action: "sts:AssumeRole", Principal: { AWS: "*" },'
        " Condition: { StringEquals: { aws:PrincipalOrgID: o-1 } }"
    ),
    "a role's tag in place of the stack's": with_role("tags: { owner: b }")
    + "  okta-aws-federation:tags: { owner: a }\n",
    "a rule": with_group("rule: 'user.department==\"R=D\" and isMemberOfGroupName(\"x\")'"),
    "a filter of one's own": MAPPED
    + "  okta-aws-federation:app: { groupName: 'aws#x#${role}#${accountid}',"
    + " groupFilter: '^aws\\#\\S+\\#(?{{role}}[\\w\\-]+)\\#(?{{accountid}}\\d+)$' }\n",
    "static session tags": with_section("app", "{ sessionTags: { team: '\"blue team\"', a: b } }"),
    "an expression with a function": with_section(
        "app", "{ sessionTags: { team: 'String.toLowerCase(user.department)' } }"
    ),
    "texts that look like others": with_section(
        "tags", '{ a: "yes", b: "012", c: "2026-12-31", d: y, e: 1.2.3, f: 10.0.0.1, g: "null" }'
    ),
    "a login that AWS takes in another form": with_group(
        'members: ["miles.o\'brien@example.com"]'
    ).replace("ada@example.com", "x@example.com")
    + "  okta-aws-federation:app: { userNameTemplate: user.employeeNumber }\n",
    "role groups of a directory": HEAD
    + ROLES
    + "  okta-aws-federation:mode: group-mapping\n"
    + "  okta-aws-federation:app: { appFilter: active_directory }\n"
    + f"  okta-aws-federation:groups: {{ {ROLE_GROUP}: {{ roles: [Developer], existing: true }} }}\n",
    "a policy of the account": with_role(
        'managedPolicies: ["arn:aws:iam::123456789012:policy/team/x"],'
        ' boundary: "arn:aws:iam::aws:policy/PowerUserAccess"'
    ),
}  # fmt: skip
