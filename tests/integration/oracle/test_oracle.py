"""The model beside the clouds: 150 random estates, everybody signs in, every role is tried.
A sixth of them in `make test`, all by `make oracle`.

The program is unchanged and deployed to both local clouds; what the model says of each person is
held against what happens to that person, and AWS's decisions against `ministack` too. The other 150
estates are in `test_oracle_more.py`, so that both cores have some. TEST_SEED sets another seed.
"""

import os
from datetime import date

import pytest

import settings
from access import aws_managed, request_context, role_chains, sign_in
from access import model as model_module
from access.model import AccessModel
from access.role_chains import RoleChains
from access.role_policies import RolePolicies
from okta_aws_federation.iam.evaluator import evaluate_trust
from tests.integration.oracle import estates
from tests.integration.oracle.judged import SHARE, judged

SEED = int(os.environ.get("TEST_SEED", "1"))


def test_what_the_model_says_of_150_estates_is_what_happens():
    seen = judged(SEED, 150 // SHARE)

    assert seen["estates"] == 150 // SHARE
    assert seen["allowed"] + seen["denied"] > 5_000 / SHARE
    assert min(seen["allowed"], seen["denied"]) > 1_000 / SHARE, "both kinds of decision occur"
    assert seen["kept out"] > 150 / SHARE, "trust policies that refuse occur"
    assert seen["not offered"] > 150 / SHARE, "roles that Okta does not offer occur"
    assert seen["judged"] > 4_500 / SHARE, "the second evaluator is asked of each, but who one is"
    assert seen["explained"] < seen["judged"] / 50, "and agrees mostly"
    assert seen["in the matrix"] > 1_000 / SHARE
    assert min(seen["hops"], seen["no hops"]) > 100 / SHARE, "role chains that AWS takes and not"
    assert min(seen["allowed in chains"], seen["denied in chains"]) > 60 / SHARE
    assert seen["of unknown policies"] > 100 / SHARE, "policies that only the account has occur"
    assert seen["open"] < seen["sure"] / 20, "what Okta says of a person settles the rest"


# That it can fail: a model that is wrong in one point is found out within a few estates.


def ignore_priority(monkeypatch):
    def offers(self, groups):
        return tuple(each for group in groups for each in self.roles_by_group[group])

    monkeypatch.setattr(AccessModel, "_offered_roles", offers)


def ignore_boundary(monkeypatch):
    policies = model_module.role_policies

    def unbounded(stack, place, resolver):
        held = policies(stack, place, resolver)
        return RolePolicies(held.identity, None, held.unknown)

    monkeypatch.setattr(model_module, "role_policies", unbounded)


def ignore_window(monkeypatch):
    trust_policy = model_module.trust_policy

    def open_for_ever(stack, place):
        roles = {
            name: role.model_copy(
                update={
                    "trust": role.trust.model_copy(update={"closes": date.max.replace(year=9000)})
                }
            )
            for name, role in stack.roles.items()
        }
        return trust_policy(stack.model_copy(update={"roles": roles}), place)

    monkeypatch.setattr(model_module, "trust_policy", open_for_ever)


def ignore_denials(monkeypatch):
    evaluate = model_module.evaluate

    def allowing(request, *, identity, boundary):
        without = [
            type(policy)(
                policy.name, policy.version, tuple(s for s in policy.statements if s.allows)
            )
            for policy in identity
        ]
        return evaluate(request, identity=without, boundary=boundary)

    monkeypatch.setattr(model_module, "evaluate", allowing)


def mistake_tags(monkeypatch):
    def wrong(stack, login):
        return dict.fromkeys(stack.app.session_tags, "nobody")

    monkeypatch.setattr(model_module.request_context, "tags", wrong)


def ignore_resources(monkeypatch):
    span = AccessModel.decision_range

    def anywhere(self, login, place, action, resource="*", context=model_module.NOTHING):
        return span(self, login, place, action, None, context)

    monkeypatch.setattr(AccessModel, "decision_range", anywhere)


def ignore_source_identity(monkeypatch):
    decide = sign_in._decide

    def lenient(stack, trust, place, action, facts):
        asked = action.replace("SetSourceIdentity", "AssumeRoleWithSAML")
        return decide(stack, trust, place, asked, facts)

    monkeypatch.setattr(sign_in, "_decide", lenient)


def ignore_hops(monkeypatch):
    monkeypatch.setattr(RoleChains, "closure", lambda self, login, direct: ())


def hop_without_the_policy(monkeypatch):
    monkeypatch.setattr(
        role_chains,
        "evaluate",
        lambda request, *, identity, boundary, resource: evaluate_trust(request, resource[0]),
    )


def know_a_policy_by_its_name(monkeypatch):
    def by_name(arn):
        return aws_managed.policy(f"arn:aws:iam::aws:policy/{arn.rpartition('/')[2]}")

    monkeypatch.setattr(AccessModel.__init__, "__defaults__", (by_name,))


def tell_case_apart(monkeypatch):
    monkeypatch.setattr(AccessModel, "login", lambda self, login: login)
    monkeypatch.setattr(request_context, "spelling_is_known", lambda login: True)


@pytest.mark.parametrize(
    ("break_model", "first"),
    [
        (ignore_hops, 16),
        (hop_without_the_policy, 1),
        (know_a_policy_by_its_name, 36),
        (tell_case_apart, 3),
        (ignore_priority, 14),
        (ignore_boundary, 4),
        (ignore_window, 4),
        (ignore_denials, 14),
        (mistake_tags, 3),
        (ignore_resources, 5),
        (ignore_source_identity, 1),
    ],
)
def test_a_model_that_is_wrong_in_one_point_is_found_out(monkeypatch, break_model, first):
    """Sooner from an estate on that is known to do it, but for a change of the estates."""
    break_model(monkeypatch)

    with pytest.raises(AssertionError, match=r"(?i)seed 7: \w+@example.com: "):
        judged(7, 40, first=first)


def test_the_estates_are_stack_files_that_the_settings_take():
    maker = estates.Maker(SEED)

    modes = {settings.parse(maker.values()).mode for _ in range(30)}

    assert modes == {"saml-roles", "group-mapping"}
