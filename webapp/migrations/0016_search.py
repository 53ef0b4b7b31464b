from collections.abc import Mapping

from tortoise import migrations

from webapp.live.database import DialectSQL, fill, literal

# Letters of scripts that put no space between words: Thai, Lao, Tibetan, Myanmar, Khmer, Chinese, Japanese. A search
# finds their words by the pairs of letters that follow each other.
UNSPACED_ON_SQLITE = "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u312f\u31f0-\u31ff\
\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]"
UNSPACED_ON_POSTGRES = r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u312f\u31f0-\u31ff\
\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]".replace("\\\n", "")

# What writers may leave out, or write in two ways, beside what SQLite's tokenizer knows of the Latin script: accents in
# Greek, the dots of a Russian letter; in Arabic the signs for vowels, the line that stretches a word, and what letters
# carry.
GREEK = dict(zip("άέήίόύώϊϋΐΰςΆΈΉΊΌΎΏΪΫ", "αεηιουωιυιυσΑΕΗΙΟΥΩΙΥ", strict=True))
OTHERS = {
    **dict.fromkeys("\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0653\u0654\u0655\u0670", ""),
    **dict(
        zip(
            "\u0622\u0623\u0625\u0671\u0624\u0626\u0649\u0629\u0451\u0401",
            "\u0627\u0627\u0627\u0627\u0648\u064a\u064a\u0647\u0435\u0415",
            strict=True,
        )
    ),
}


def _replaced(text: str, letters: str, alike: Mapping[str, str]) -> str:
    result = text
    for before, after in alike.items():
        result = f"replace({result}, '{before}', '{after}')"
    return f"CASE WHEN {text} GLOB '*[{letters}]*' THEN {result} ELSE {text} END"


def _words(column: str) -> str:
    # In two steps, since SQLite's parser bounds how deep calls may be nested.
    greek = _replaced(column, "Ά-ώ", GREEK)
    others = _replaced("greek", "\u0620-\u0671ёЁ", OTHERS)
    return fill("(SELECT {others} FROM (SELECT {greek} AS greek))", {"others": others, "greek": greek})


def _terms(row: str) -> str:
    # In parts of 64 letters: SQLite counts the letters of a text from its beginning, at each substr(). Without LIMIT it
    # would cut the part out again for each of its letters.
    return fill(
        """
        {row}.id,
        {row}.room_id || CASE WHEN {row}.message LIKE '%://%' THEN ' link' ELSE '' END,
        {handle},
        {message},
        CASE
            WHEN {row}.message GLOB '*{unspaced}*' THEN (
                SELECT coalesce(group_concat(substr(part, inner_place.n, 2), ' '), '')
                FROM (
                    SELECT substr({row}.message, outer_place.n, 65) AS part
                    FROM search_place AS outer_place
                    WHERE outer_place.n % 64 = 1 AND outer_place.n <= length({row}.message)
                    LIMIT -1
                )
                JOIN search_place AS inner_place ON inner_place.n <= min(64, length(part))
                WHERE substr(part, inner_place.n, 1) GLOB '{unspaced}'
            )
            ELSE ''
        END
        """,
        {
            "row": row,
            "handle": _words(f"{row}.handle"),
            "message": _words(f"{row}.message"),
            "unspaced": UNSPACED_ON_SQLITE,
        },
    )


def _added(row: str) -> str:
    return fill(
        """
        INSERT INTO message_search (rowid, room, handle, words, pairs)
        SELECT
            {terms}
        """,
        {"terms": _terms(row)},
    )


def _taken(row: str) -> str:
    return fill(
        """
        INSERT INTO message_search (message_search, rowid, room, handle, words, pairs)
        SELECT
            'delete',
            {terms}
        """,
        {"terms": _terms(row)},
    )


def _trigger(name: str, event: str, *statements: str) -> str:
    body = ";\n".join(statements)
    return fill(
        """
        CREATE TRIGGER {name}
        {event}
        BEGIN
            {body};
        END
        """,
        {"name": name, "event": event, "body": body},
    )


CHANGED_ON_SQLITE = """AFTER UPDATE OF id, room_id, handle, message ON message
WHEN (OLD.id, OLD.room_id, OLD.handle, OLD.message) IS NOT (NEW.id, NEW.room_id, NEW.handle, NEW.message)"""

ON_SQLITE = [
    "CREATE TABLE search_place (n INTEGER NOT NULL PRIMARY KEY)",
    """
    INSERT INTO search_place (n)
    WITH RECURSIVE place (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < 2048)
    SELECT n FROM place
    """,
    # Without the texts themselves: they stand in `message`.
    """
    CREATE VIRTUAL TABLE message_search USING fts5 (
        room, handle, words, pairs,
        content = '',
        columnsize = 0,
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
    )
    """,
    f"{_added('message')}\nFROM message",
    _trigger("message_search_insert", "AFTER INSERT ON message", _added("NEW")),
    _trigger("message_search_update", CHANGED_ON_SQLITE, _taken("OLD"), _added("NEW")),
    _trigger("message_search_delete", "AFTER DELETE ON message", _taken("OLD")),
]

# The index holds what this returns, so there is no column and no trigger. It may name nothing of ours: a copy by
# pg_dump is restored with an empty search path. It reads 20,000 characters, since the terms of a row have a bound of a
# megabyte, above which the row could not be written. Signs that no word has tell the terms of a room, a name and a link
# from words. Weights would do so too, but the index does not have them, so each row would be read again.
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t\n\r"
FOLDED = r"""translate(
            normalize(
                regexp_replace(
                    regexp_replace(normalize({text}, NFKD), '[\u0300-\u036f\u0640\u064b-\u0655\u0670]', '', 'g'),
                    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u3004\u3008-\u303f]+',
                    ' ', 'g'
                ),
                NFC
            ),
            U&'\0671\0649\0629\03c2', U&'\0627\064a\0647\03c3'
        )"""
TERMS = fill(
    r"""
    CREATE FUNCTION message_terms(room_id bigint, handle text, message text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
    DECLARE
        names text = translate(lower(left(handle, 100)), {punctuation}, {spaces});
        words text = lower(left(message, 20000));
        terms text[];
    BEGIN
        -- Punctuation separates words. Otherwise a host, a path or a tag would be one word. Between a word and a space
        -- it does so anyhow, and translate() takes longer than all the rest.
        IF words ~ '[^[:alnum:][:space:]][^[:space:]]' THEN
            words = translate(words, {punctuation}, {spaces});
        END IF;
        -- Most texts have plain letters alone, for which the rest would take longer than the words.
        IF octet_length(names) > length(names) THEN
            names = {folded_names};
        END IF;
        IF octet_length(words) > length(words) THEN
            words = {folded_words};
        END IF;
        terms = string_to_array('#' || room_id || ' @' || replace(names, ' ', ' @'), ' ');
        IF position('://' IN message) > 0 THEN
            terms = terms || '://'::text;
        END IF;
        IF octet_length(message) > length(message) AND message ~ '{unspaced}' THEN
            terms = terms || ARRAY(
                SELECT substr(part, inner_place, 2)
                FROM (
                    SELECT substr(message, outer_place, 65) AS part
                    FROM generate_series(1, least(length(message), 2048), 64) AS outer_place
                ) AS parts, generate_series(1, least(length(part), 64)) AS inner_place
                WHERE substr(part, inner_place, 1) ~ '{unspaced}'
            );
        END IF;
        RETURN array_to_tsvector(terms) || to_tsvector('simple', words);
    END
    $$
    """,
    {
        "punctuation": literal(PUNCTUATION),
        "spaces": literal(" " * len(PUNCTUATION)),
        "folded_names": FOLDED.format(text="names"),
        "folded_words": FOLDED.format(text="words"),
        "unspaced": UNSPACED_ON_POSTGRES,
    },
)


class Migration(migrations.Migration):
    dependencies = [("models", "0015_readers")]

    initial = False

    operations = [
        DialectSQL(
            sqlite=ON_SQLITE,
            postgres=[
                TERMS,
                "CREATE INDEX message_terms ON message USING gin (message_terms(room_id, handle, message)) "
                "WITH (gin_pending_list_limit = 512)",
            ],
        )
    ]
