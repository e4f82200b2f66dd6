-- Updates album $1 from a source. If the source leads ($13), it overwrites what is stored, apart from what it
-- leaves out. If not, it only fills gaps. An unchanged row is not written.
UPDATE albums a
SET artist_id = n.artist_id, name = n.name, spotify_id = n.spotify_id, album_type = n.album_type,
    release_date = n.release_date, release_date_precision = n.release_date_precision, cover_url = n.cover_url,
    upc = n.upc, total_tracks = n.total_tracks, label = n.label, genres = n.genres,
    stated_artist_name = n.stated_artist_name
FROM (
    SELECT b.id,
           CASE WHEN leads THEN $14::text ELSE b.stated_artist_name END AS stated_artist_name,
           CASE WHEN leads THEN $2::bigint ELSE b.artist_id END AS artist_id,
           CASE WHEN leads THEN $3::text ELSE b.name END AS name,
           CASE WHEN leads THEN COALESCE($4::text, b.spotify_id) ELSE b.spotify_id END AS spotify_id,
           CASE WHEN leads THEN COALESCE($5::text::album_type, b.album_type)
               ELSE b.album_type END AS album_type,
           CASE WHEN leads THEN COALESCE($6::date, b.release_date)
                ELSE COALESCE(b.release_date, $6::date) END AS release_date,
           -- The precision belongs to the date that was chosen.
           CASE WHEN leads AND $6::date IS NOT NULL OR b.release_date IS NULL THEN $7::text::date_precision
                ELSE b.release_date_precision END AS release_date_precision,
           CASE WHEN leads THEN COALESCE($8::text, b.cover_url)
                ELSE COALESCE(b.cover_url, $8::text) END AS cover_url,
           CASE WHEN leads THEN COALESCE($9::text, b.upc) ELSE COALESCE(b.upc, $9::text) END AS upc,
           CASE WHEN leads THEN COALESCE($10::integer, b.total_tracks)
                ELSE COALESCE(b.total_tracks, $10::integer) END AS total_tracks,
           CASE WHEN leads THEN COALESCE($11::text, b.label) ELSE COALESCE(b.label, $11::text) END AS label,
           CASE WHEN cardinality($12::text[]) > 0 AND (leads OR b.genres = '{}') THEN $12::text[]
                ELSE b.genres END AS genres
    FROM (SELECT albums.*, $13::boolean AS leads FROM albums WHERE id = $1) b
) n
WHERE a.id = n.id
  AND (a.artist_id, a.name, a.spotify_id, a.album_type, a.release_date, a.release_date_precision,
       a.cover_url, a.upc, a.total_tracks, a.label, a.genres, a.stated_artist_name)
      IS DISTINCT FROM (n.artist_id, n.name, n.spotify_id, n.album_type, n.release_date,
                        n.release_date_precision, n.cover_url, n.upc, n.total_tracks, n.label,
                        n.genres, n.stated_artist_name)
