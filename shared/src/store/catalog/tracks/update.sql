-- Stores new values of tracks. $1: the tracks. $2 Spotify id; without one, the stored one stays. $3 to $5 and
-- $9 to $11: name, disc, number, song and version; without a name, the stored ones stay. $6 to $8: all facts.
-- $12: whether the album no longer has the track. An unchanged row is not written.
UPDATE tracks t
SET spotify_id = n.spotify_id, name = n.name, disc_number = n.disc_number, track_number = n.track_number,
    duration_ms = n.duration_ms, isrc = n.isrc, spotify_preview_url = n.preview_url,
    normalized_track_id = n.normalized_track_id, version_kind = n.version_kind,
    version_label = n.version_label, removed_at = n.removed_at
FROM (
    SELECT old.id, COALESCE(n.spotify_id, old.spotify_id) AS spotify_id, COALESCE(n.name, old.name) AS name,
           COALESCE(n.disc_number, old.disc_number) AS disc_number,
           COALESCE(n.track_number, old.track_number) AS track_number,
           n.duration_ms, n.isrc, n.preview_url,
           CASE WHEN n.name IS NULL THEN old.normalized_track_id
                ELSE n.normalized_track_id END AS normalized_track_id,
           CASE WHEN n.name IS NULL THEN old.version_kind
                ELSE n.version_kind::version_kind END AS version_kind,
           CASE WHEN n.name IS NULL THEN old.version_label ELSE n.version_label END AS version_label,
           CASE WHEN n.is_removed THEN COALESCE(old.removed_at, now()) END AS removed_at
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[], $5::integer[], $6::integer[],
                $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[], $12::boolean[])
         AS n (id, spotify_id, name, disc_number, track_number, duration_ms, isrc, preview_url,
               normalized_track_id, version_kind, version_label, is_removed)
    JOIN tracks old ON old.id = n.id
) n
WHERE t.id = n.id
  AND (t.spotify_id, t.name, t.disc_number, t.track_number, t.duration_ms, t.isrc, t.spotify_preview_url,
       t.normalized_track_id, t.version_kind, t.version_label, t.removed_at)
      IS DISTINCT FROM (n.spotify_id, n.name, n.disc_number, n.track_number, n.duration_ms, n.isrc,
                        n.preview_url, n.normalized_track_id, n.version_kind, n.version_label, n.removed_at)
