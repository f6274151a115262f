"""The words of a request: one query once the inventory is known, and never older than the inventory."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.models import DeviceClass, Host, Network
from fabric.services.generation import move_generation
from scheduler.mix_parsing import ClassWords
from scheduler.models import Project
from scheduler.queries.vocabulary import vocabulary
from tests.scheduler.services.house import A100, L40S, House


def test_words_are_those_of_the_caller_and_of_the_inventory(house: House) -> None:
    words = vocabulary(user_id=house.charlie.pk)

    assert words.projects == {"team-research"}
    assert dict(words.setup_minutes) == {"lab": 5}
    assert words.host_classes == {"lab": {"host-large", "host-standard", "host-legacy"}}
    assert words.networks == {"lab": {"rdma-1"}}
    assert words.device_classes[L40S] == ClassWords(350, ())
    assert words.device_classes[A100].profiles[:2] == ("1g.10gb", "1g.20gb")


def test_a_token_narrows_the_projects_and_who_sees_all_has_all(house: House) -> None:
    foreign = Project.objects.get(slug="team-research")

    assert vocabulary(user_id=house.alice.pk, only_project_id=foreign.pk).projects == frozenset()
    assert vocabulary(user_id=house.alice.pk, sees_all=True).projects == {"team-chat", "team-research"}


def test_it_is_one_query_once_the_inventory_is_known(house: House) -> None:
    vocabulary(user_id=house.alice.pk)

    with CaptureQueriesContext(connection) as captured:
        vocabulary(user_id=house.charlie.pk)

    assert len(captured) == 1


def test_a_change_of_the_inventory_is_seen_at_once(house: House) -> None:
    vocabulary(user_id=house.alice.pk)
    Host.objects.filter(template="host-legacy").update(template="host-old")
    Network.objects.update(code="rdma-2")
    DeviceClass.objects.filter(code=L40S).update(tdp_w=300)
    move_generation(pool_ids=[house.pool.pk])

    words = vocabulary(user_id=house.alice.pk)

    assert words.host_classes == {"lab": {"host-large", "host-standard", "host-old"}}
    assert (words.networks, words.device_classes[L40S].tdp_w) == ({"lab": {"rdma-2"}}, 300)


def test_projects_are_known_before_any_pool_is(db: None) -> None:
    Project.objects.create(slug="team-chat", name="Chat")

    assert vocabulary(user_id=0, sees_all=True).projects == {"team-chat"}
