"""A service with an administrator and the other roles, and what its tests ask of it."""

from sqlalchemy import select

from ovcf.registry.tables import AuditEntry
from ovcf.server.api.app import make_service
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from tests.people.conftest import ADDRESS, browser

UNTIL_DONE_S = 60


class Administered:
    """A place with a service, and browsers of its people: ``doors("admin").get("people")``."""

    def __init__(self, place, folder):
        self.place = place
        people = People(place.registry, Address.parse(ADDRESS))
        self.app = make_service(place.registry, people=people, data=folder, hosts=(people.address.host,))
        self.app.state.people = people
        self.service, self.folder = self.app.state.service, folder

    def ask(self, code, method, path, **options):
        page = browser(self.app, secret=self.place.session(code))
        return page.request(method, f"/api/v1/admin/{path}", **options)

    def get(self, path, code="admin"):
        answer = self.ask(code, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def does(self, method, path, code="admin", **options):
        answer = self.ask(code, method, path, **options)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def chore(self, kind):
        """The outcome of what was begun, once it is done."""
        self.service.chores.wait(UNTIL_DONE_S)
        return next(one for one in self.get("chores") if one["kind"] == kind)

    def person(self, code):
        return next(one for one in self.get("people") if one["code"] == code)

    def audited(self, action):
        """Who did it to which rows."""
        with self.place.registry.reading() as session:
            rows = session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq))
            return [(row.actor, row.table, row.row) for row in rows]
