-- The tracks of ingestion $1, as the CTE `its_tracks` that other statements continue.
WITH its_artists AS (
    -- The artists that were ingested for it.
    SELECT DISTINCT i.artist_id
    FROM ingestion_tasks s
    JOIN artist_identities i
      ON i.source IN ('spotify', 'musicbrainz') AND i.source_id = split_part(s.subject, ':', 1)
    WHERE s.ingestion_id = $1 AND s.kind = 'ingest_artist'
),
its_albums AS (
    -- The albums that were identified for it. All tracks of an album count if the ingestion does not include
    -- albums that an artist only appears on, or if the album or one of its tracks was itself requested.
    SELECT al.id, al.artist_id,
           NOT i.appears_on
           OR i.what && ARRAY['spotify:album:' || al.spotify_id, 'upc:' || al.upc]
           OR EXISTS (SELECT FROM album_links l
                      WHERE l.album_id = al.id AND l.source = 'musicbrainz'
                        AND i.what && ARRAY['musicbrainz:release:' || l.source_id, 'mbid:' || l.source_id])
           OR EXISTS (SELECT FROM tracks t
                      WHERE t.album_id = al.id
                        AND i.what && ARRAY['spotify:track:' || t.spotify_id, 'isrc:' || t.isrc]) AS is_whole
    FROM ingestions i
    JOIN ingestion_tasks s ON s.ingestion_id = i.id AND s.kind = 'identify_album'
    JOIN albums al ON al.id = s.subject::bigint
    WHERE i.id = $1
),
its_tracks AS (
    -- All tracks of whole albums and of the artists' own albums, and from other albums the tracks with the
    -- artists.
    SELECT t.id, t.album_id, song_of(t) AS song
    FROM its_albums al
    JOIN tracks t ON t.album_id = al.id AND t.removed_at IS NULL
    WHERE al.is_whole
       OR al.artist_id IN (SELECT artist_id FROM its_artists)
       OR EXISTS (SELECT FROM track_artists ta JOIN its_artists USING (artist_id) WHERE ta.track_id = t.id)
)
