"""A text that comes again with other values says each time what it says with these."""

from settle_core.logs.lines.model import Condition
from settle_core.logs.lines.sql_text import parse

FIND = 'SELECT SUM(amount) FROM "ledgers" WHERE user_id = $1 AND date = $2 AND kind = ANY($3)'
ADD = "INSERT INTO ledgers (user_id, amount, memo) VALUES (%s, -%s, %s), (3, COALESCE(%s, %s), '')"


def test_values_are_those_of_the_execution() -> None:
    for user, day in (("7", "2026-01-06"), ("8", None), ("9", "2026-01-07")):
        where = parse(FIND, [user, day, "{late,counter}"]).where
        assert where == (
            Condition("user_id", "=", (user,)),
            Condition("date", "=", (day,)),
            Condition("kind", "in", ("late", "counter")),
        )
        assert all(type(v) in {str, type(None)} for each in where for v in each.values)


def test_null_is_no_value_in_an_expression() -> None:
    rows = parse(ADD, ["1", "5", None, None, "8"]).rows
    assert rows == (("1", "5", None), ("3", "8", ""))
    rows = parse(ADD, ["2", "6", "x", "7", "8"]).rows
    assert rows == (("2", "6", "x"), ("3", None, ""))
    assert parse(ADD, ["2"]).rows == (("2", None, None), ("3", None, ""))


def test_a_name_fills_its_slot_wherever_it_stands() -> None:
    text = "UPDATE ledgers SET amount = :amount WHERE id = :id AND amount <> :amount"
    for number in ("1", "2"):
        where = parse(text, {"id": number, "amount": "5.00"}).where
        assert where == (Condition("id", "=", (number,)), Condition("amount", "<>", ("5.00",)))


def test_a_value_is_never_taken_for_a_word_or_a_sign() -> None:
    text = "INSERT INTO ledgers (memo, user_id) VALUES ($1, $2)"
    for memo in ("values", "select", ")", ",", ".", "{a}"):
        assert parse(text, [memo, "1"]).rows == ((memo, "1"),)
