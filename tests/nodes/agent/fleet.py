"""Several members of one cluster, all with real keys and directories of their own."""

from typing import Any

from nodes.agent.membership import Membership
from tests.nodes.agent.documents import make_document
from tests.nodes.agent.members import MakeMember, entry, pin


class Fleet:
    """Node 1 founded the cluster, and leads it in term 1 at generation 3; all others follow."""

    def __init__(
        self,
        make_member: MakeMember,
        count: int = 3,
        *,
        changes: dict[int, dict[str, Any]] | None = None,
    ) -> None:
        self.members = {number: make_member(number) for number in range(1, count + 1)}
        self.changes = changes or {}
        first = self[1]
        first.lead(make_document(entry(first, 1, **self.changes.get(1, {}))))
        adopted = first.sign(self.document(generation=2, joining=True))
        for number, member in self.workers():
            member.adopt(adopted, node_id=number, leader=pin(first))
            member.pledge()
        self.tell(first.sign(self.document(generation=3)))

    def __getitem__(self, number: int) -> Membership:
        return self.members[number]

    def workers(self) -> list[tuple[int, Membership]]:
        """Everybody but the founder."""
        return [(number, one) for number, one in self.members.items() if number != 1]

    def document(self, *, joining: bool = False, **changes: Any) -> dict[str, Any]:
        """A state of all, with what a test has put into ``changes`` of a node."""
        status = {"status": "joining"} if joining else {}
        nodes = [
            entry(one, number, **((status if number != 1 else {}) | self.changes.get(number, {})))
            for number, one in self.members.items()
        ]
        return make_document(*nodes, **changes)

    def tell(self, jws: str, *, but: int = 1) -> None:
        """Everybody but one receives this state."""
        for number, member in self.members.items():
            if number != but:
                member.receive(jws)

    def hand_over(self, to: int, *, by: int = 1) -> str:
        """The first state of the next term, led by ``to``; nobody else has it yet."""
        term, generation = self[by].record.term, self[by].holding.generation
        link = self[by].hand_over(to=to, generation=generation)
        return self[to].lead(self.document(term=term + 1, leader=to, handover=link))

    def force(self, to: int, *, term: int = 2, **changes: Any) -> str:
        """The first state of a later term that root has given to ``to``."""
        document = self.document(**{"term": term, "leader": to, **changes})
        return self[to].lead(document, approved=True)
