-- Stores new values of albums. $1: the albums. $2 to $5: artist, the artist's name on the record, name and
-- Spotify id; without a name, the stored four stay. $6 to $13: all facts. An unchanged row is not written.
UPDATE albums a
SET artist_id = n.artist_id, stated_artist_name = n.stated_artist_name, name = n.name,
    spotify_id = n.spotify_id, album_type = n.album_type, release_date = n.release_date,
    release_date_precision = n.release_date_precision, cover_url = n.cover_url, upc = n.upc,
    total_tracks = n.total_tracks, label = n.label, genres = n.genres
FROM (
    SELECT old.id,
           CASE WHEN n.name IS NULL THEN old.artist_id ELSE n.artist_id END AS artist_id,
           CASE WHEN n.name IS NULL THEN old.stated_artist_name
                ELSE n.stated_artist_name END AS stated_artist_name,
           COALESCE(n.name, old.name) AS name,
           CASE WHEN n.name IS NULL THEN old.spotify_id ELSE n.spotify_id END AS spotify_id,
           COALESCE(n.album_type::album_type, 'other') AS album_type,
           n.release_date, n.precision::date_precision AS release_date_precision, n.cover_url, n.upc,
           n.total_tracks, n.label, ARRAY(SELECT jsonb_array_elements_text(n.genres)) AS genres
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[],
                $8::text[], $9::text[], $10::text[], $11::integer[], $12::text[], $13::jsonb[])
         AS n (id, artist_id, stated_artist_name, name, spotify_id, album_type, release_date, precision,
               cover_url, upc, total_tracks, label, genres)
    JOIN albums old ON old.id = n.id
) n
WHERE a.id = n.id
  AND (a.artist_id, a.stated_artist_name, a.name, a.spotify_id, a.album_type, a.release_date,
       a.release_date_precision, a.cover_url, a.upc, a.total_tracks, a.label, a.genres)
      IS DISTINCT FROM (n.artist_id, n.stated_artist_name, n.name, n.spotify_id, n.album_type,
                        n.release_date, n.release_date_precision, n.cover_url, n.upc, n.total_tracks,
                        n.label, n.genres)
