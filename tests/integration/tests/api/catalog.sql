-- A small fictional catalog with rows for every endpoint.
INSERT INTO artists (name, spotify_id) VALUES
    ('Artist One', '0000000000000000000001'),
    ('Artist Two', '0000000000000000000002');
INSERT INTO artist_identities (source, source_id, artist_id) VALUES
    ('spotify', '0000000000000000000001', 1),
    ('spotify', '0000000000000000000009', 1),
    ('spotify', '0000000000000000000002', 2);
INSERT INTO albums (artist_id, name, spotify_id, album_type, release_date, release_date_precision) VALUES
    (1, 'Album', '0000000000000000000021', 'album', '2001-05-21', 'day'),
    (1, 'First Album', '0000000000000000000022', 'album', '1997-01-01', 'year'),
    (1, 'Single', NULL, 'single', NULL, NULL);
INSERT INTO normalized_tracks (artist_id, normalized_name, rules_version) VALUES (1, 'song', 1), (2,
    'guest song', 1);
INSERT INTO tracks (album_id, name, spotify_id, track_number, normalized_track_id, version_kind) VALUES
    (1, 'Song', '0000000000000000000011', 1, 1, NULL),
    (2, 'Song (Live)', '0000000000000000000013', 1, 1, 'live'),
    (3, 'Unknown Song', '0000000000000000000014', 1, NULL, NULL),
    (1, 'Guest Song', NULL, 2, 2, NULL),
    (2, 'Album Artist''s Song', NULL, 2, NULL, NULL);
UPDATE normalized_tracks SET representative_track_id = 1 WHERE id = 1;
UPDATE normalized_tracks SET representative_track_id = 4 WHERE id = 2;
-- Track 5 has no artists of its own: it is by the artist of its album.
INSERT INTO track_artists (track_id, position, artist_id, part) VALUES
    (1, 1, 1, 'main'), (1, 2, 2, 'featured'), (2, 1, 1, 'main'), (3, 1, 1, 'main'), (4, 1, 2, 'main');
INSERT INTO track_links (track_id, source, source_id, matched_by, match_score) VALUES
    (1, 'spotify', '0000000000000000000012', 'isrc', 1);

INSERT INTO producers (name, normalized_name, email, instagram_handle) VALUES
    ('Fixture One', 'fixture one', 'one@example.org', 'fixture.one'),
    ('Fixture Two', 'fixture two', NULL, NULL);
INSERT INTO producer_identities (source, source_id, producer_id, name) VALUES
    ('musicbrainz', '00000000-0000-5000-8000-000000000001', 1, 'Fixture One'),
    ('musicbrainz', '00000000-0000-5000-8000-000000000002', 2, 'Fixture Two');
INSERT INTO producer_names (producer_id, name, kind, source, normalized_name) VALUES
    (1, 'Fixture One', 'primary', 'musicbrainz', 'fixture one'),
    (1, 'The First Fixture', 'alias', 'musicbrainz', 'the first fixture'),
    (2, 'Fixture Two', 'primary', 'musicbrainz', 'fixture two');
INSERT INTO producer_links (producer_id, linked_producer_id, kind, source) VALUES (1, 2, 'member_of',
    'musicbrainz');
INSERT INTO producer_contacts (producer_id, kind, value, source, source_id) VALUES
    (1, 'website', 'https://one.example', 'musicbrainz', '00000000-0000-5000-8000-000000000001');
INSERT INTO producer_statistics (producer_id, track_count, artist_count, first_year, last_year) VALUES (1, 2,
    2, 1997, 2001);
INSERT INTO producer_artists (producer_id, artist_id, track_count, role, confidence, first_year, last_year,
    best_track_id, is_collaboration) VALUES
    (1, 1, 2, 'producer', 0.9, 1997, 1997, 1, true),
    (1, 2, 1, 'producer', 0.9, 1997, 1997, 1, true),
    (2, 1, 1, 'co_producer', 0.5, 1997, 1997, 1, true),
    (2, 2, 2, 'producer', 0.5, 1997, 2001, 4, true);
INSERT INTO track_producers (track_id, producer_id, confidence, source, role) VALUES
    (1, 1, 0.9, 'musicbrainz', 'producer'),
    (1, 2, 0.5, 'musicbrainz', 'co_producer'),
    (2, 1, 0.7, 'musicbrainz', 'producer'),
    (5, 1, 0.6, 'musicbrainz', 'producer'),
    (4, 2, 0.5, 'musicbrainz', 'producer');
INSERT INTO credits (album_id, track_id, track_positions, source, source_record_kind, source_record_id,
    producer_identity_id,
                     credited_as, raw_role, role, matched_by, match_score, first_seen_at) VALUES
    (1, 1, NULL, 'musicbrainz', 'recording', '00000000-0000-5000-8000-000000000011', 1, 'F. One', 'producer',
        'producer', 'isrc', 1, '2024-05-21T12:00:00Z'),
    (1, NULL, NULL, 'musicbrainz', 'release', '00000000-0000-5000-8000-000000000021', 2, 'Fixture Two',
        'co-producer', 'co_producer', 'barcode', 1, '2024-05-21T12:00:00Z'),
    (1, NULL, NULL, 'musicbrainz', 'release', '00000000-0000-5000-8000-000000000021', NULL, 'Fixture Two',
        'executive producer', 'executive_producer', 'barcode', 1, '2024-05-21T12:00:00Z'),
    (1, NULL, '{A2}', 'discogs', 'release', '21', NULL, 'Fixture Two', 'Mixed By', 'mixer', 'barcode', 1,
        '2024-05-21T12:00:00Z'),
    (1, 4, NULL, 'musicbrainz', 'recording', '00000000-0000-5000-8000-000000000014', 2, 'Fixture Two',
        'producer', 'producer', 'isrc', 1, '2024-05-21T12:00:00Z');

INSERT INTO lookups (source, kind, subject, outcome, looked_up_at, look_again_at) VALUES
    ('spotify', 'track', '0000000000000000000014', 'found', '2024-05-21T12:00:00Z', '2024-06-20T12:00:00Z'),
    ('musicbrainz', 'album', '3', 'not_found', '2024-05-21T12:00:00Z', '2024-05-28T12:00:00Z'),
    ('musicbrainz', 'track', '3', 'not_found', '2024-05-21T12:00:00Z', '2024-05-28T12:00:00Z');
INSERT INTO ingestions (what) VALUES ('{name:Nobody}');
INSERT INTO ingestion_tasks (ingestion_id, kind, subject, outcome, detail, finished_at) VALUES
    (1, 'resolve', 'name:Nobody', 'ambiguous', '{"candidates":[{"name":"Nobody"}]}', '2024-05-21T12:00:00Z'),
    (1, 'ingest_album', '0000000000000000000001', 'done', '{}', '2024-05-21T12:01:00Z'),
    (1, 'ingest_album', '0000000000000000000002', NULL, '{}', NULL),
    (1, 'ingest_album', '0000000000000000000003', 'failed', '{"reason":"there is no such album"}',
        '2024-05-21T12:02:00Z');
INSERT INTO outgoing_messages (queue, message_key, body, not_before, snooze_count, snooze_reason) VALUES
    ('catalog', 'ingest_album:0000000000000000000002', '{}', '2124-05-21T12:00:00Z', 1,
        'Spotify''s quota is used up');
