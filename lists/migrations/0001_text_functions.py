"""Extensions, and the SQL functions by which text is ordered and searched.

They live in the lowest room, because every table that is listed uses them.
"""

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

SORT_KEY = """
CREATE FUNCTION crm_sort_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
    public.unaccent(
        'public.unaccent'::regdictionary,
        translate(
            replace(translate(lower(value), '{|}äö', '   æø'), 'aa', 'å'),
            'æøå',
            '{|}'
        )
    ),
    '([^[:alnum:][:space:]{|}])', E'\\U0010FFFD\\\\1', 'g'
);
COMMENT ON FUNCTION crm_sort_key(text) IS
'Orders text as Norwegians expect: aa as å, æ ø å after z, other accents folded, punctuation last.';
"""

FOLD = """
CREATE FUNCTION crm_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN public.unaccent(
    'public.unaccent'::regdictionary, replace(lower(value), 'aa', 'å')
);
COMMENT ON FUNCTION crm_fold(text) IS
'Text as it is searched: lower case, no accents, ø as o, å and aa as a, æ as ae.';
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(SORT_KEY, "DROP FUNCTION crm_sort_key(text)"),
        migrations.RunSQL(FOLD, "DROP FUNCTION crm_fold(text)"),
    ]
