"""Of fifty groups one comes or goes, and no other is touched."""

ACCOUNT = "123456789012"


def stack_file(groups):
    return {
        "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
        "roles": {"OktaDeveloper": {}},
        "provisioning": {"integration": "done"},
        "groups": {name: {"roles": ["OktaDeveloper"], "temporary": {}} for name in groups},
    }


def priorities(bench):
    """Group's name -> its priority in the app, as Okta has it."""
    app = bench.stack.outputs()["appId"]
    names = {each["id"]: each["profile"]["name"] for each in bench.okta("GET", "/api/v1/groups")}
    assigned = bench.okta("GET", f"/api/v1/apps/{app}/groups", params={"limit": 200})
    return {names[each["id"]]: each["priority"] for each in assigned}


def test_one_of_fifty_groups_touches_what_belongs_to_it_only(bench_of):
    names = [f"AWSTeam{number:02}" for number in range(50)]
    with bench_of(ACCOUNT, strict_roles=False) as bench:
        bench.write(stack_file(names))
        bench.up()
        before = priorities(bench)
        assert len(set(before.values())) == 50, "Okta refuses equal priorities"

        bench.write(stack_file(reversed(names[:24] + names[25:])))
        assert bench.up() == {"deleted": 3}, "the group, its assignment, its component"
        remaining = {name: before[name] for name in names if name != "AWSTeam24"}
        assert priorities(bench) == remaining

        bench.write(stack_file(names))
        assert bench.up() == {"created": 3}
        assert priorities(bench) == before
