"""From words to a selector: precedence climbing, with the kinds checked on the way. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scheduler.limits import SELECTOR_DEPTH_MAX, SELECTOR_ITEMS_MAX, SELECTORS_KEPT_MAX
from scheduler.selectors.attributes import BLOCK_ATTRIBUTES, Attributes, Kind, Value, kind_of, nearest
from scheduler.selectors.terms import (
    COMPARISONS,
    METHODS,
    ORDERS,
    Answer,
    Term,
    attribute,
    compared,
    constant,
    inverted,
    joined,
    one_of,
    presence,
)
from scheduler.selectors.tokens import Mark, SelectorError, Token, cut


@dataclass(frozen=True, slots=True)
class Selector:
    """`text` as it was written, and the attributes it asks for."""

    text: str
    answer: Answer
    names: frozenset[str]

    def matches(self, attributes: Attributes) -> bool:
        return self.answer(attributes) is True

    def may_match(self, attributes: Attributes) -> bool:
        """Whether more attributes could still make it match: asked of a class before its blocks are looked at."""
        return self.answer(attributes) is not False

    @property
    def is_about_blocks(self) -> bool:
        """Whether it can tell devices of one class apart."""
        return not self.names.isdisjoint(BLOCK_ATTRIBUTES)


@lru_cache(maxsize=SELECTORS_KEPT_MAX)
def parse(text: str) -> Selector:
    """Raises SelectorError, which names the place and the remedy."""
    reader = _Reader(cut(text))
    term = reader.disjunction()
    reader.end()
    if term.kind is not Kind.TRUTH:
        raise SelectorError(term.position, f"this is a {term.kind}, not a condition; compare it with something.")
    return Selector(text, term.answer, frozenset(reader.names))


class _Reader:
    """One pass over the words; every method reads what its name says."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.open = 0
        self.names: set[str] = set()

    def disjunction(self) -> Term:
        terms = [self.conjunction()]
        while self.took("||"):
            terms.append(self.conjunction())
        return _both("||", terms, decides=True)

    def conjunction(self) -> Term:
        terms = [self.relation()]
        while self.took("&&"):
            terms.append(self.relation())
        return _both("&&", terms, decides=False)

    def relation(self) -> Term:
        left = self.unary()
        token = self.token
        if token.mark is Mark.NAME and token.text == "in":
            self.at += 1
            return Term(Kind.TRUTH, one_of(left.answer, self.items(left.kind)), left.position)
        if token.mark is not Mark.SIGN or token.text not in COMPARISONS:
            return left
        self.at += 1
        right = self.unary()
        if left.kind is not right.kind:
            raise SelectorError(token.position, f"{token.text} compares a {left.kind} with a {right.kind}.")
        if token.text in ORDERS and left.kind is Kind.TRUTH:
            raise SelectorError(token.position, f"{token.text} orders numbers and texts; write == true or == false.")
        if self.token.mark is Mark.SIGN and self.token.text in COMPARISONS:
            raise SelectorError(self.token.position, "comparisons are not chained; join two of them with &&.")
        return Term(Kind.TRUTH, compared(left.answer, right.answer, COMPARISONS[token.text]), left.position)

    def unary(self) -> Term:
        start = self.token
        if not self.took("!"):
            return self.called(self.primary())
        self.enter(start)
        term = self.unary()
        self.open -= 1
        if term.kind is not Kind.TRUTH:
            raise SelectorError(start.position, f"! turns a condition round, and this is a {term.kind}.")
        return Term(Kind.TRUTH, inverted(term.answer), start.position)

    def called(self, term: Term) -> Term:
        while self.took("."):
            name = self.token
            method = METHODS.get(name.text) if name.mark is Mark.NAME else None
            if method is None:
                known = ", ".join(f"{one}()" for one in METHODS)
                raise SelectorError(name.position, f"“{name.text}” cannot be asked; there are {known}.")
            self.at += 1
            self.expect("(")
            part = self.primary()
            self.expect(")")
            if term.kind is not Kind.TEXT or part.kind is not Kind.TEXT:
                raise SelectorError(name.position, f"{name.text}() is for texts.")
            term = Term(Kind.TRUTH, compared(term.answer, part.answer, method), term.position)
        return term

    def primary(self) -> Term:
        token = self.token
        if self.took("("):
            self.enter(token)
            term = self.disjunction()
            self.open -= 1
            self.expect(")")
            return term
        if token.mark is Mark.NAME and token.text not in ("true", "false"):
            self.at += 1
            return self.presence(token) if token.text == "has" else self.attribute(token)
        kind, value = self.literal()
        return Term(kind, constant(value), token.position)

    def presence(self, token: Token) -> Term:
        self.expect("(")
        name = self.name_of(self.take())
        self.expect(")")
        return Term(Kind.TRUTH, presence(name), token.position)

    def attribute(self, token: Token) -> Term:
        name = self.name_of(token)
        return Term(kind_of(name) or Kind.TEXT, attribute(name), token.position)

    def name_of(self, token: Token) -> str:
        if token.mark is not Mark.NAME or token.text != "device":
            raise SelectorError(token.position, f"“{token.text}”: attributes are written device.{nearest(token.text)}.")
        self.expect(".")
        name = self.take()
        if name.mark is not Mark.NAME or kind_of(name.text) is None:
            likely = nearest(name.text)
            message = f"a device has no attribute “{name.text[:40]}”; the nearest is “{likely}”."
            raise SelectorError(name.position, message)
        self.names.add(name.text)
        return name.text

    def items(self, kind: Kind) -> frozenset[Value]:
        """A list of literals, all of the kind of what is looked for."""
        start = self.token
        self.expect("[")
        values: list[Value] = []
        while not values or self.took(","):
            position = self.token.position
            found, value = self.literal()
            if found is not kind:
                raise SelectorError(position, f"the list holds a {found}, and what is looked for is a {kind}.")
            values.append(value)
        self.expect("]")
        if len(values) > SELECTOR_ITEMS_MAX:
            raise SelectorError(start.position, f"a list has at most {SELECTOR_ITEMS_MAX} items, not {len(values)}.")
        return frozenset(values)

    def literal(self) -> tuple[Kind, Value]:
        is_negative = self.took("-")
        token = self.take()
        if token.mark is Mark.NUMBER:
            value = float(token.text) if "." in token.text else int(token.text)
            return Kind.NUMBER, -value if is_negative else value
        if token.mark is Mark.TEXT and not is_negative:
            return Kind.TEXT, token.text
        if token.text in ("true", "false") and token.mark is Mark.NAME and not is_negative:
            return Kind.TRUTH, token.text == "true"
        raise SelectorError(token.position, f"a value is expected here, not {_shown(token)}.")

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.token
        self.at += token.mark is not Mark.END
        return token

    def took(self, sign: str) -> bool:
        is_it = self.token.mark is Mark.SIGN and self.token.text == sign
        self.at += is_it
        return is_it

    def expect(self, sign: str) -> None:
        if not self.took(sign):
            raise SelectorError(self.token.position, f"“{sign}” is expected here, not {_shown(self.token)}.")

    def enter(self, token: Token) -> None:
        self.open += 1
        if self.open > SELECTOR_DEPTH_MAX:
            raise SelectorError(token.position, f"brackets and ! nest at most {SELECTOR_DEPTH_MAX} deep.")

    def end(self) -> None:
        if self.token.mark is not Mark.END:
            raise SelectorError(self.token.position, f"the selector should end here, before {_shown(self.token)}.")


def _both(sign: str, terms: Sequence[Term], *, decides: bool) -> Term:
    if len(terms) == 1:
        return terms[0]
    for term in terms:
        if term.kind is not Kind.TRUTH:
            raise SelectorError(term.position, f"{sign} joins conditions, and this is a {term.kind}; compare it.")
    return Term(Kind.TRUTH, joined([term.answer for term in terms], decides=decides), terms[0].position)


def _shown(token: Token) -> str:
    return "the end" if token.mark is Mark.END else f"“{token.text[:40]}”"
