-- Updates known tracks from a source, and marks tracks without a name here as removed from their album. A
-- source that leads overwrites what is stored; another one only fills gaps. A removed track keeps its values
-- and the time of its removal; it loses its mark if it has a name here and $13 says that the source listed
-- the whole album. An unchanged row is not written.
UPDATE tracks t
SET spotify_id = n.spotify_id, name = n.name, disc_number = n.disc_number, track_number = n.track_number,
    duration_ms = n.duration_ms, isrc = n.isrc, spotify_preview_url = n.preview_url,
    normalized_track_id = n.normalized_track_id, version_kind = n.version_kind,
    version_label = n.version_label, removed_at = n.removed_at
FROM (
    SELECT old.id,
           CASE WHEN leads THEN COALESCE(n.spotify_id, old.spotify_id) ELSE old.spotify_id END AS spotify_id,
           CASE WHEN leads THEN n.name ELSE old.name END AS name,
           CASE WHEN leads THEN n.disc_number ELSE old.disc_number END AS disc_number,
           CASE WHEN leads THEN n.track_number ELSE old.track_number END AS track_number,
           CASE WHEN leads THEN COALESCE(n.duration_ms, old.duration_ms)
                ELSE COALESCE(old.duration_ms, n.duration_ms) END AS duration_ms,
           CASE WHEN leads THEN COALESCE(n.isrc, old.isrc) ELSE COALESCE(old.isrc, n.isrc) END AS isrc,
           CASE WHEN leads THEN COALESCE(n.preview_url, old.spotify_preview_url)
                ELSE COALESCE(old.spotify_preview_url, n.preview_url) END AS preview_url,
           CASE WHEN leads THEN n.normalized_track_id ELSE old.normalized_track_id END AS normalized_track_id,
           CASE WHEN leads THEN n.version_kind::version_kind ELSE old.version_kind END AS version_kind,
           CASE WHEN leads THEN n.version_label ELSE old.version_label END AS version_label,
           CASE WHEN n.name IS NULL THEN COALESCE(old.removed_at, now())
                WHEN NOT $13::boolean THEN old.removed_at END AS removed_at
    FROM unnest($1::bigint[], $2::boolean[], $3::text[], $4::text[], $5::smallint[], $6::integer[],
                $7::integer[], $8::text[], $9::text[], $10::bigint[], $11::text[], $12::text[])
         AS n (id, leads, spotify_id, name, disc_number, track_number, duration_ms,
               isrc, preview_url, normalized_track_id, version_kind, version_label)
    JOIN tracks old ON old.id = n.id
) n
WHERE t.id = n.id
  AND (t.spotify_id, t.name, t.disc_number, t.track_number, t.duration_ms, t.isrc, t.spotify_preview_url,
       t.normalized_track_id, t.version_kind, t.version_label, t.removed_at)
      IS DISTINCT FROM (n.spotify_id, n.name, n.disc_number, n.track_number, n.duration_ms, n.isrc,
                        n.preview_url, n.normalized_track_id, n.version_kind, n.version_label, n.removed_at)
