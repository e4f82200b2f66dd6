-- The name that holds for each of the ids $2 of the source $1.
WITH
-- An artist's own page is the better authority, so ids with a stored page are left out.
ids AS (
    SELECT DISTINCT n.id FROM unnest($2::text[]) AS n (id)
    WHERE NOT EXISTS (SELECT FROM artist_pages p WHERE p.source = $1::text::source AND p.source_id = n.id)
),
-- Each name that a record gives an id: in its credits, and as the artist of the album or of its tracks. An
-- album's artists are stored as its leading record states them, so they count for that record.
stated AS (
    SELECT ids.id, COALESCE(c.stated_name, c.credited_as) AS name, c.source_record_id AS record
    FROM ids
    JOIN producer_identities i ON i.source = $1::text::source AND md5(i.source_id) = md5(ids.id)
    JOIN credits c ON c.producer_identity_id = i.id
    UNION
    SELECT named.id, named.name, first.source_id
    FROM (
        SELECT ids.id, ta.stated_name AS name, t.album_id
        FROM ids
        JOIN artist_identities i ON i.source = $1::text::source AND i.source_id = ids.id
        JOIN track_artists ta ON ta.artist_id = i.artist_id AND ta.stated_name IS NOT NULL
        JOIN tracks t ON t.id = ta.track_id
        UNION
        SELECT ids.id, a.stated_artist_name, a.id
        FROM ids
        JOIN artist_identities i ON i.source = $1::text::source AND i.source_id = ids.id
        JOIN albums a ON a.artist_id = i.artist_id AND a.stated_artist_name IS NOT NULL
    ) named
    CROSS JOIN LATERAL (
        SELECT l.source_id FROM album_links l
        WHERE l.album_id = named.album_id AND l.source = $1::text::source AND l.matched_by = 'own'
        ORDER BY length(l.source_id), l.source_id
        LIMIT 1
    ) first
)
SELECT DISTINCT ON (id) id, name
FROM (SELECT id, name, count(*) AS records FROM stated GROUP BY id, name) counted
ORDER BY id, records DESC, name COLLATE "C"
