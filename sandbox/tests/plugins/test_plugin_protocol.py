"""What the engine and any plugin agree on, whatever the cloud."""

import grpc
import pytest

from sandbox.engine.protos import plugin_pb2, provider_pb2, status_pb2
from sandbox.plugins import plan
from sandbox.plugins.protocol import Package
from sandbox.plugins.schema import (
    FLAG,
    JSON,
    LIST,
    MAP,
    NUMBER,
    SET,
    TEXT,
    Calls,
    CloudError,
    Input,
    PartlyCreated,
    Resource,
)
from sandbox.plugins.values import SECRET, SIGNATURE, UNKNOWN, pack, unpack

KIND = "toy:index/box:Box"


class Shelf:
    """A cloud of boxes that can be told to fail."""

    def __init__(self):
        self.boxes = {}
        self.fails = {}

    def call(self, verb):
        if verb in self.fails:
            raise CloudError(self.fails[verb])


def box(create=None, **changes):
    def make(shelf, inputs):
        shelf.call("create")
        shelf.boxes["b1"] = dict(inputs)
        shelf.call("finish")
        return "b1", {"key": "open sesame"}

    def read(shelf, identifier, state):
        shelf.call("read")
        found = shelf.boxes.get(identifier)
        return found and {"label": found.get("label", ""), "size": found.get("size")}

    def update(shelf, identifier, state, inputs, changed):
        shelf.call("update")
        shelf.boxes[identifier] = {name: v for name, v in inputs.items() if name != "__defaults"}

    def delete(shelf, identifier, state):
        shelf.call("delete")
        shelf.boxes.pop(identifier, None)

    table = {
        "type": KIND,
        "inputs": {
            "colour": Input(default="brown"),
            "label": Input(generated=20, replaces=True),
            "locked": Input(value_type=FLAG),
            "size": Input(value_type=NUMBER, computed=True),
        },
        "outputs": ("key",),
        "secrets": ("key",),
        "calls": Calls(create or make, read, update, delete),
    }
    return Resource(**table | changes)


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def toy(start, shelf):
    plugin = start(
        Package(
            sdk="pulumi",
            arguments={"place": Input(), "password": Input()},
            secrets=("password",),
            connect=lambda given: shelf,
            resources=[box()],
        )
    )
    plugin.configure(place="here")
    return plugin


def init_failure(error):
    """What the engine is told besides the message: the resource exists."""
    [trailer] = [v for key, v in error.trailing_metadata() if key == "grpc-status-details-bin"]
    [detail] = status_pb2.Status.FromString(trailer).details
    failure = provider_pb2.ErrorResourceInitFailed()
    assert detail.Unpack(failure)
    return failure


def test_the_plugin_says_that_it_is_a_stand_in(toy):
    from google.protobuf.empty_pb2 import Empty

    info = toy.stub.GetPluginInfo(Empty())
    assert isinstance(info, plugin_pb2.PluginInfo)
    assert info.version.endswith("+emulated")


def test_credentials_of_a_provider_are_marked_as_secrets(toy):
    request = provider_pb2.CheckRequest(
        urn="urn:pulumi:dev::p::pulumi:providers:toy::it",
        news=pack({"place": "here", "password": "open sesame"}),
    )
    checked = toy.stub.CheckConfig(request).inputs

    assert checked["password"][SIGNATURE] == SECRET
    assert checked["place"] == "here"


def test_another_configuration_updates_a_provider_and_replaces_nothing(toy):
    request = provider_pb2.DiffRequest(
        olds=pack({"place": "here"}), old_inputs=pack({"place": "here"}), news=pack({})
    )
    answer = toy.stub.DiffConfig(request)

    assert list(answer.diffs) == ["place"]
    assert not answer.replaces


def test_an_unknown_type_and_look_up_are_named(toy):
    with pytest.raises(grpc.RpcError, match="has no resource type toy:index/bag:Bag"):
        toy.create("toy:index/bag:Bag")
    with pytest.raises(grpc.RpcError, match="has no look-up toy:index/getBag:getBag"):
        toy.look_up("toy:index/getBag:getBag")


def test_secret_outputs_are_marked_and_inputs_keep_their_words(toy):
    checked = toy.check(KIND, "chest", colour="red")
    made = toy.stub.Create(
        provider_pb2.CreateRequest(
            urn="urn:pulumi:dev::p::toy:index/box:Box::chest", properties=pack(checked)
        )
    )

    assert made.properties["key"][SIGNATURE] == SECRET
    assert made.properties["key"]["value"] == "open sesame"
    assert unpack(made.properties)["colour"] == "red"


def test_a_generated_name_stays_until_a_name_is_given(toy):
    thing = toy.create(KIND, "chest")
    assert thing.inputs["label"].startswith("chest-")

    assert toy.check(KIND, "chest", thing.inputs)["label"] == thing.inputs["label"]
    assert toy.replaces(thing, label="mine") == {"label"}


def test_a_given_name_is_not_kept_once_it_is_taken_out(toy):
    thing = toy.create(KIND, "chest", label="mine")

    assert toy.replaces(thing) == {"label"}


@pytest.mark.parametrize(
    ("mode", "proposed", "label"),
    [("PROPOSE", "chest-dev", "chest-dev"), ("ENFORCE", "CHEST", "CHEST"), ("DISABLE", "", None)],
)
def test_the_stacks_wish_for_names_is_followed(toy, mode, proposed, label):
    options = provider_pb2.CheckRequest.AutonamingOptions
    answer = toy.stub.Check(
        provider_pb2.CheckRequest(
            urn="urn:pulumi:dev::p::toy:index/box:Box::chest",
            news=pack({}),
            autonaming=options(proposed_name=proposed, mode=getattr(options, mode)),
        )
    )

    assert unpack(answer.inputs).get("label") == label


def test_created_but_not_finished_is_remembered(toy, shelf):
    shelf.fails["read"] = "no answer"

    with pytest.raises(grpc.RpcError, match="no answer") as error:
        toy.create(KIND, "chest", label="mine")

    failure = init_failure(error.value)
    assert failure.id == "b1"
    assert list(failure.reasons) == ["no answer"]
    assert unpack(failure.properties)["label"] == "mine"
    assert failure.properties["key"][SIGNATURE] == SECRET, "also when something else went wrong"


def test_created_but_not_to_be_found_is_remembered(toy, shelf, monkeypatch):
    monkeypatch.setattr(shelf, "boxes", type("Void", (dict,), {"get": lambda *_: None})())

    with pytest.raises(grpc.RpcError, match="b1 was created, but is not to be found") as error:
        toy.create(KIND, "chest")

    assert init_failure(error.value).id == "b1"


def test_what_could_not_be_created_is_not_remembered(toy, shelf):
    shelf.fails["create"] = "the shelf is full"

    with pytest.raises(grpc.RpcError) as error:
        toy.create(KIND, "chest")

    assert error.value.details() == "the shelf is full"
    assert "grpc-status-details-bin" not in dict(error.value.trailing_metadata())


def test_a_failed_update_is_remembered_as_wanted_and_only_read_by_the_next(toy, shelf):
    """The published plugins do so, and a refresh is what brings the truth back."""
    thing = toy.create(KIND, "chest", label="mine", size=1)
    shelf.fails["update"] = "no answer"

    with pytest.raises(grpc.RpcError, match="no answer") as error:
        toy.update(thing, label="mine", size=2)

    failure = init_failure(error.value)
    thing.outputs = unpack(failure.properties)
    assert thing.outputs["size"] == 2
    shelf.fails = {"update": "must not be called"}
    thing = toy.update(thing, label="mine", size=2)
    assert thing.outputs["size"] == 1
    assert toy.changes(thing, label="mine", size=2) == {"size"}


def test_partial_creations_of_a_type_keep_their_id(start, shelf):
    def create(shelf, inputs):
        raise PartlyCreated("b7", inputs, "the lid is missing")

    plugin = start(
        Package(
            sdk="pulumi",
            arguments={},
            secrets=(),
            connect=lambda given: shelf,
            resources=[box(create=create)],
        )
    )
    plugin.configure()

    with pytest.raises(grpc.RpcError) as error:
        plugin.create(KIND)

    assert init_failure(error.value).id == "b7"


def test_nothing_in_an_answer_is_unknown_after_a_real_call(toy, shelf):
    made = toy.create(KIND, "chest")
    del made.outputs["key"]  # as after an import

    updated = toy.update(made, colour="red")

    assert UNKNOWN not in updated.outputs.values()


@pytest.mark.parametrize(
    ("shape", "real", "wanted", "differs"),
    [
        (TEXT, "a", "a", False),
        (TEXT, "a", "b", True),
        (TEXT, "", None, False),
        (TEXT, None, "", False),
        (TEXT, "a", None, True),
        (FLAG, None, False, False),
        (FLAG, False, True, True),
        (NUMBER, 0, None, False),
        (NUMBER, 1, 2, True),
        (LIST, ["a", "b"], ["b", "a"], True),
        (SET, ["a", "b"], ["b", "a"], False),
        (SET, [{"a": 1, "b": 2}], [{"b": 2, "a": 1}], False),
        (SET, ["a"], ["a", "b"], True),
        (MAP, {}, None, False),
        (MAP, {"a": "1"}, {"a": "2"}, True),
        (JSON, '{"a": 1, "b": [1, 2]}', '{"b":[1,2],"a":1}', False),
        (JSON, '{"a": [1, 2]}', '{"a": [2, 1]}', True),
        (JSON, '{"a": null}', "{}", True),
        (TEXT, "a", UNKNOWN, True),
        (LIST, ["a"], [UNKNOWN], True),
    ],
)
def test_two_values_differ_by_what_they_mean(shape, real, wanted, differs):
    resource = box(inputs={"it": Input(value_type=shape)})

    changed = plan.differences(resource, {"it": real}, {"it": wanted})

    assert changed == (frozenset({"it"}) if differs else frozenset())


def test_what_the_program_leaves_to_the_cloud_does_not_differ():
    resource = box(inputs={"it": Input(computed=True)})

    assert plan.differences(resource, {"it": "theirs"}, {}) == frozenset()
    assert plan.differences(resource, {"it": "theirs"}, {"it": "ours"}) == {"it"}


def test_what_the_program_ignores_does_not_differ():
    resource = box(inputs={"it": Input()})

    assert plan.differences(resource, {"it": "a"}, {"it": "b"}, ignored=["it"]) == frozenset()


@pytest.mark.parametrize(
    ("shape", "given", "taken"),
    [
        (NUMBER, "3600", 3600),
        (FLAG, "true", True),
        (TEXT, 7, "7"),
        (TEXT, True, "true"),
        (NUMBER, "-1", -1),
    ],
)
def test_a_value_of_another_form_that_says_the_same_is_taken(shape, given, taken):
    assert shape.accept(given) == taken


@pytest.mark.parametrize(
    ("shape", "given"),
    [(NUMBER, "many"), (NUMBER, True), (FLAG, "yes"), (LIST, "a"), (MAP, ["a"]), (TEXT, ["a"])],
)
def test_a_value_of_a_form_that_says_nothing_is_not_taken(shape, given):
    with pytest.raises(ValueError, match=r"^expected "):
        shape.accept(given)


def test_values_travel_without_nulls_and_marks_and_with_whole_numbers():
    secret = {SIGNATURE: SECRET, "value": ["a", None, {"b": None}]}
    sent = pack({"whole": 3, "part": 1.5, "nothing": None, "hidden": secret})

    assert unpack(sent) == {"whole": 3, "part": 1.5, "hidden": ["a", None, {}]}
    assert isinstance(unpack(sent)["whole"], int)
