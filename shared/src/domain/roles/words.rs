//! What single words say about a role, in the languages in which records are credited. Words are folded; a
//! star stands for any ending. A word that is not listed is unknown.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::credits::Role;

/// What a word says about a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordMeaning {
    /// Somebody produced.
    Production,
    /// A small word, or one that changes nothing about a role.
    Filler,
    /// The making of a recording, which has sound.
    Recording,
    /// Something that has sound, so that producing it is music production.
    Sound,
    /// Somebody supervised.
    Supervision,
    /// The voice.
    Vocal,
    /// A kind of producer; [`Role::Other`] if the producer did not produce music.
    Kind(Role),
    /// Direction, which is management if it is the direction of a production.
    Direction,
    /// Other work in the studio.
    StudioJob,
}

/// The meaning of a folded word; `None` if it is unknown. Digits are fillers.
pub(super) fn meaning(word: &str) -> Option<WordMeaning> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(WordMeaning::Filler);
    }
    // "Addiotional", "Addtional"
    if word.starts_with("add") && word.ends_with("nal") {
        return Some(WordMeaning::Kind(Role::AdditionalProducer));
    }
    let (words, stems) = &*INDEX;
    words.get(word).copied().or_else(|| {
        // A word begins with few stems; the longest one decides.
        let ends = word.char_indices().map(|(at, _)| at).rev();
        std::iter::once(word.len())
            .chain(ends)
            .find_map(|end| stems.get(&word[..end]).copied())
    })
}

/// The word, or the two words of a compound with a word of production: "musikproduktion", "koproducent",
/// "produktionsleitung".
pub(super) fn parts(word: &str) -> Vec<&str> {
    let is_listed = INDEX.0.contains_key(word);
    if is_listed || !["prod", "продюс"].iter().any(|root| word.contains(root)) {
        return vec![word];
    }
    let split = |(at, _): (usize, char)| {
        let (left, right) = word.split_at(at);
        let unlinked = left.strip_suffix('s').unwrap_or(left);
        [left, unlinked].into_iter().find_map(|left| {
            let meanings = [meaning(left)?, meaning(right)?];
            let is_compound = meanings.contains(&WordMeaning::Production);
            is_compound.then(|| vec![left, right])
        })
    };
    let compound = word.char_indices().skip(2).find_map(split);
    compound.unwrap_or_else(|| vec![word])
}

type Meanings = HashMap<&'static str, WordMeaning>;

/// The whole words and the stems of the table.
static INDEX: LazyLock<(Meanings, Meanings)> = LazyLock::new(|| {
    let (mut words, mut stems) = (Meanings::new(), Meanings::new());
    for &(meaning, list) in WORDS {
        for word in list.split_whitespace() {
            match word.strip_suffix('*') {
                Some(stem) => stems.insert(stem, meaning),
                None => words.insert(word, meaning),
            };
        }
    }
    (words, stems)
});

/// The words of each meaning: English first, then Romance, Germanic and Slavic languages.
const WORDS: &[(WordMeaning, &str)] = &[
    (
        WordMeaning::Production,
        "prod producer producers produced reproduced production productions \
         productor productora productores productoras produccion producciones produccio producid* \
         produtor produtora produtores produtoras producao producoes produzid* \
         producteur producteurs productrice productrices produit produite produits produites \
         realisateur realisateurs realisatrice realisation realisations realise realisee realises realisees \
         produttor* produttric* produzion* prodott* \
         producator* productie producties geproduceerd \
         produzent* produziert produktion produktionen producent* producerad* producerat produceret \
         produsent* produsert produksjon \
         produkcj* produkcia produkce wyprodukow* \
         продюсер* продюсир* спродюсир*",
    ),
    (
        WordMeaning::Filler,
        "by the a an and of for with task music musical record song track tracks album main \
         lead original uncredited backing background re haupt principal \
         por par da di de do dos das du des del della delle dei la le el il los las les l d o os as e y et \
         per con com avec von vom van av af door der die dem den mit fur och og und przez dla i z \
         и для с",
    ),
    (
        WordMeaning::Supervision,
        "supervis* aufnahmeleit* opnameleid* inspelningsled* innspillingsled* optagelsesled* \
         indspilningsled* nadzor* супервайзер* супервиз*",
    ),
    (
        WordMeaning::Recording,
        "recording recordings session sessions grabacion grabaciones gravacao gravacoes enregistrement* \
         lenregistrement* registrazion* aufnahme aufnahmen opname opnames inspelning* innspilling* \
         optagelse* indspilning* nagran* запис*",
    ),
    (
        WordMeaning::Sound,
        "records beat beats sound sounds audio studio live version \
         versions remix remixes remixed mix mixes mixing single singles loop loops rhythm rhythms sample \
         samples take takes instrumental instrumentals demo demos everything all basic title titles songs \
         albums lp ep \
         musica musicas musicale musicali musicales musicais musique musik* muziek muzyk* muzyczn* muzic* \
         hudebn* музык* музич* artisti* artystyczn* kunstleri* \
         sonora sonoro som sonido suono ton klang dzwiek* саунд звук* \
         disco discos disque disques cancion* canzon* canco* faixa* tema temas titre* titel brano \
         brani utwor* песн* трек* альбом*",
    ),
    (
        WordMeaning::Vocal,
        "vocal vocals voice voices vocais vocales vocale vocali vocaux voz voces vozes voce voci voix gesang \
         vokal* wokal* zang вокал*",
    ),
    (
        WordMeaning::Kind(Role::CoProducer),
        "co ko со mede спів сп\u{456}в",
    ),
    (
        WordMeaning::Kind(Role::AdditionalProducer),
        "add addl extra additional adicional adicionales adicionais additionnel* addizional* aggiuntiv* \
         complementa* supplementa* suplementa* supliment* zusatzlich* aanvullend* ytterligare dodatkow* \
         dodatecn* дополнительн* додатков*",
    ),
    (
        WordMeaning::Kind(Role::AssistantProducer),
        "assistan* assisted asst assistent* assistenz assistito asistent* asistencia asystent* ассистент* \
         помощник*",
    ),
    (
        WordMeaning::Kind(Role::AssociateProducer),
        "associate assoc associad* asociad* associe associee associes associees associato associata \
         associati",
    ),
    (
        WordMeaning::Kind(Role::ExecutiveProducer),
        "exec executive executives executiv* executif* ejecutiv* esecutiv* exekutiv* eksekutiv* ausfuhrend* \
         uitvoerend* utovende delegue* delegad* wykonawcz* vykonn* исполнительны* исполнительна* \
         исполнительно* виконавч* генеральн*",
    ),
    (WordMeaning::Kind(Role::Other), NO_MUSIC),
    (
        WordMeaning::Direction,
        "direction director directors head chief direccion director directora direcao diretor diretora \
         directeur directrice direzion* direttor* direttric* direktion direktor* leitung leiter leiterin \
         chef \
         chefe jefe kierowni* dyrekt* директор* руковод*",
    ),
    (
        WordMeaning::StudioJob,
        "engineer engineers engineered mixed mixer recorded mastered mastering arranged arranger arrangers \
         composed composer composers written writer writers songwriter songwriters lyricist programmed \
         programmer programmers conducted conductor edited editor musician musicians performed performer \
         performers singer vocalist guitarist bassist drummer pianist orchestrated orchestrator \
         mezclad* grabad* arreglad* arreglista* compositor* compuest* ingenier* mixad* gravad* arranjad* \
         engenheir* enregistre arrangeur* compositeur* ingenieur* mixat* registrat* arrangiator* \
         compositore ingegner* abgemischt gemischt aufgenommen arrangiert komponiert komponist* \
         aranzer* kompozytor* inzynier* звукорежиссер* аранжиров* композитор*",
    ),
];

/// Words for products, for work around a record, and for owners: whoever produced, coordinated or owns these
/// did not thereby produce music.
const NO_MUSIC: &str = "
    product products produto produtos producto productos produkt* project projects projekt* projeto* \
    proyecto* progett* projet projets proiect* проект* \
    release releases released rerelease* issue issues reissue* reedic* reedyc* ristamp* \
    riedizion* reedition* neuauflage heruitgave wznowieni* переиздан* издан* edition editions edicion* \
    edicao edicoes edizion* wydani* lancamento \
    lanzamiento relancamento relanzamiento veroffentlichung wiederveroffentlichung \
    compil* kompil* zusammenstellung coletanea сборник* raccolta recopil* \
    samenstelling sammlung antholog* antolog* collection* coleccion* colecao \
    collezion* kolekcj* kolekce kollektion boxset box catalog* catalogue* archiv* \
    series serie serien seria serii serija reihe reeks collana \
    серии серия серий сериал* сер\u{456}я сер\u{456}\u{456} \
    soundtrack* ost trilha colonna саундтрек* film* movie* cinema* pelicula* фильм* video* clip clips \
    visual* \
    dvd tv television* televis* telewiz* fernseh* телевид* game games podcast* \
    event* tour tours concert concerts concierto* festival* show shows stage theat* teatr* line линейн* post \
    coord* koord* koordyn* координ* manag* менедж* gestion* gestao geren* administra* organizac* organizat* \
    organisation organizzaz* logisti* marketing promotion* promoter* business legal financ* sponsor* anr \
    fonografic* phonographi* fonograf* фонограм* owner* ownership label labels copyright rights licen* \
    publish* compan* \
    artwork design* packag* photo* foto* graphi* grafi* layout booklet remaster* restor* transfer*";

/// The role other than production that a word names.
pub(super) fn named_role(word: &str) -> Option<Role> {
    ROLES
        .iter()
        .find(|(_, names)| names.split(", ").any(|name| name == word))
        .map(|(role, _)| *role)
}

/// The last words of role names other than production, folded.
const ROLES: &[(Role, &str)] = &[
    (Role::Remixer, "remix, remixed, remixer, remixing, remixes"),
    (Role::Mixer, "mix, mixed, mixer, mixing"),
    (
        Role::Engineer,
        "engineer, engineers, engineered, engineering, recorded, recording, mastered, mastering, remastered, \
         remastering, cut, edited, editor",
    ),
    (
        Role::Arranger,
        "arranged, arranger, arrangement, arrangements, orchestrated, orchestrator, orchestration",
    ),
    (Role::Programmer, "programmed, programmer, programming"),
    (
        Role::Writer,
        "written, writer, writers, songwriter, songwriters, composed, composer, composers, music, lyrics, \
         lyricist, words, text, libretto",
    ),
    (
        Role::Performer,
        "performer, performed, vocals, vocal, voice, vocalist, singer, choir, chorus, rap, featuring, \
         conductor, orchestra, musician, instruments, guitar, guitars, guitarist, bass, bassist, drums, \
         drum, drummer, percussion, keyboards, keyboard, piano, organ, synthesizer, synth, violin, viola, \
         cello, contrabass, saxophone, trumpet, trombone, horn, tuba, flute, clarinet, oboe, harp, \
         harmonica, banjo, mandolin, strings, turntables, scratches, congas, handclaps",
    ),
];
