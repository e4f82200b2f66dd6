-- Inserts tracks of album $1, in the order of the arrays.
INSERT INTO tracks (album_id, spotify_id, name, disc_number, track_number, duration_ms, isrc,
                    spotify_preview_url, normalized_track_id, version_kind, version_label)
SELECT $1, n.spotify_id, n.name, n.disc_number, n.track_number, n.duration_ms, n.isrc, n.preview_url,
       n.normalized_track_id, n.version_kind::version_kind, n.version_label
FROM unnest($2::text[], $3::text[], $4::smallint[], $5::integer[], $6::integer[], $7::text[], $8::text[],
            $9::bigint[], $10::text[], $11::text[]) WITH ORDINALITY
     AS n (spotify_id, name, disc_number, track_number, duration_ms, isrc, preview_url,
           normalized_track_id, version_kind, version_label, place)
ORDER BY n.place
RETURNING id
