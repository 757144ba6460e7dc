//! Every limit of the engine, by name. A limit that is met is told in the error.

/// How many entries a page of a list may have, and has unless asked.
pub const PAGE_MAX: i64 = 200;
pub const PAGE_DEFAULT: i64 = 50;

/// Bytes of an ordinary JSON body; of an answer (A7); of one chunk of an upload.
pub const BODY_BYTES_MAX: usize = 1 << 20;
pub const ANSWER_BYTES_MAX: usize = 16 << 20;
pub const CHUNK_BYTES_MAX: usize = 16 << 20;
/// Bytes of one picture in the instructions.
pub const PICTURE_BYTES_MAX: usize = 32 << 20;
/// Bytes of one item's picture file.
pub const PICTURE_FILE_BYTES_MAX: u64 = 512 << 20;
/// Pictures that are decoded side by side, and the memory from which one is decoded alone.
pub const DECODERS_MAX: u32 = 2;
pub const DECODER_BYTES_MAX: u64 = 512 << 20;
/// How long an upload that nobody goes on with is kept.
pub const UPLOAD_LIFE_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// Bytes of one upload.
pub const ITEM_BYTES_MAX: i64 = 4 << 30;
/// Code points of one text item.
pub const TEXT_CHARS_MAX: usize = 2_000_000;
/// Items in one call of `POST …/items`.
pub const ITEMS_PER_CALL_MAX: usize = 1_000;
/// Bytes of an item's metadata.
pub const METADATA_BYTES_MAX: usize = 64 << 10;
/// Rejected rows that an import keeps in its error file.
pub const JOB_ERRORS_MAX: i64 = 100_000;
/// How long a job is its worker's without a sign of life.
pub const JOB_LEASE_MS: i64 = 60_000;
/// How often a job is begun, where its workers stop or die.
pub const JOB_ATTEMPTS_MAX: i64 = 20;
/// Jobs that run side by side in one process, and of one organization.
pub const JOBS_RUNNING_MAX: usize = 4;
pub const JOBS_PER_ORGANIZATION_MAX: usize = 2;

pub const EXTERNAL_ID_BYTES_MAX: usize = 1_024;
pub const NAME_CHARS_MAX: usize = 200;
pub const INSTRUCTIONS_BYTES_MAX: usize = 1 << 20;

pub const CLASSES_MAX: usize = 2_000;
/// How far a line may lie from the curve that it stands for, in pixels (A54).
pub const CURVE_TOLERANCE_PX: f64 = 0.25;
pub const RELATION_KINDS_MAX: usize = 200;
pub const ATTRIBUTES_MAX: usize = 200;
pub const OPTIONS_MAX: usize = 1_000;
pub const OBJECTS_MAX: usize = 50_000;
/// Keyframes of all tracks of one answer.
pub const KEYFRAMES_MAX: usize = 200_000;
pub const POINTS_MAX: usize = 10_000;
/// Characters of the runs of one mask.
pub const MASK_BYTES_MAX: usize = 4 << 20;
/// Points of one skeleton.
pub const SKELETON_POINTS_MAX: usize = 200;
/// Points of one cloud that is shown, clouds of one item, cameras of one cloud, and moments of one moving cuboid.
pub const CLOUD_POINTS_MAX: u64 = 100_000_000;
/// Clouds that are read side by side in one process.
pub const CLOUDS_AT_ONCE: usize = 2;
pub const CLOUDS_MAX: usize = 500;
pub const CAMERAS_MAX: usize = 32;
/// Pictures of one moment, side by side, and how long the name of a camera may be.
pub const PICTURES_MAX: usize = 16;
pub const CAMERA_NAME_CHARS_MAX: usize = 64;
pub const KEYS_OF_PATH_MAX: usize = 500;
/// Metres: how far from the origin of its world a cuboid may stand (that of UTM lies 10,000 km away), and its sides.
pub const WORLD_METRES_MAX: f64 = 20_000_000.0;
pub const SIDE_METRES_MIN: f64 = 0.01;
pub const SIDE_METRES_MAX: f64 = 1_000.0;
pub const TEXT_VALUE_CHARS_MAX: usize = 10_000;
pub const NOTE_CHARS_MAX: usize = 2_000;
pub const REASON_CHARS_MAX: usize = 4_000;
/// What one person keeps for themselves: entries, and the JSON of each.
pub const KEPT_MAX: i64 = 500;
pub const KEPT_BYTES_MAX: usize = 16 << 10;
/// Code points of one comment; threads and comments of one conversation; frames that a pin may name.
pub const COMMENT_CHARS_MAX: usize = 4_000;
pub const THREADS_MAX: i64 = 200;
pub const COMMENTS_MAX: i64 = 2_000;
pub const FRAMES_MAX: u64 = 100_000_000;
/// Conversations that the list of what is unread tells of.
pub const INBOX_MAX: i64 = 100;

pub const OVERLAP_MAX: i64 = 20;
pub const PRIORITY_MAX: i64 = 9;
/// Leases that one person may hold at once, and take in one call.
pub const LEASES_MAX: usize = 10;
pub const LEASE_MINUTES_DEFAULT: i64 = 10;
pub const LEASE_MINUTES_MAX: i64 = 240;
/// Different people who may skip a task before it is put before a manager.
pub const SKIPS_MAX: i64 = 3;
/// Active time that one answer may report.
pub const ACTIVE_MS_MAX: i64 = 12 * 60 * 60 * 1000;

/// How alike an answer to gold must be to count as right: the share of choices, or F1 of shapes.
pub const GOLD_LIKENESS_MIN: f64 = 0.75;
/// The share of gold among the tasks of somebody known well, and of a newcomer.
pub const GOLD_RATE_MIN: f64 = 0.02;
pub const GOLD_RATE_MAX: f64 = 0.10;
/// Answers to gold by which somebody is no longer a newcomer.
pub const NEWCOMER_SCORES: i64 = 10;
/// Answers by which a person's skill is known well enough to send them doubtful tasks, and how far below the crowd's it
/// may lie.
pub const NEWCOMER_ANSWERS: i64 = 20;
pub const SKILL_SLACK: f64 = 0.02;
/// The share of claims that begin with doubtful tasks, of those who are not known to be able.
pub const DOUBTFUL_FLOOR: f64 = 0.2;
/// How long nobody is told that a task was gold, and for how long after that a score may be contested.
pub const GOLD_TOLD_AFTER_MS: i64 = 24 * 60 * 60 * 1000;
/// Gold of one project.
pub const GOLD_MAX: i64 = 10_000;
/// Answers that a project's model of its people is fitted to, classes it tells apart, and its cells.
pub const MODEL_ANSWERS_MAX: usize = 1_000_000;
pub const MODEL_CLASSES_MAX: usize = 64;
pub const MODEL_CELLS_MAX: usize = 16 << 20;
/// Marks of one task that are brought together, and of a project by which its people are known: the latest.
pub const FUSED_MARKS_MAX: usize = 2_000;
pub const MODEL_MARKS_MAX: usize = 200_000;
/// Projects whose models are kept in memory.
pub const MODELS_MAX: usize = 64;

/// Models of one project, tasks in one call of a model, and calls for one task in somebody's hands.
pub const BACKENDS_MAX: usize = 20;
pub const TASKS_PER_CALL_MAX: usize = 100;
pub const PROMPTS_MAX: i64 = 500;
/// Places that one call of a model may point at.
pub const PLACES_MAX: usize = 64;
/// Bytes of labels from which on a training is given no more of them: a call is kept in memory before it is sent.
pub const TRAINING_BYTES_MAX: usize = 64 << 20;
/// Tasks that the count of what became of suggestions looks at, the latest first.
pub const OUTCOMES_MAX: i64 = 1_000;

pub const PASSWORD_CHARS_MIN: usize = 15;
pub const PASSWORD_CHARS_MAX: usize = 512;
/// Passwords that are hashed at once, 19 MiB each.
pub const HASHES_AT_ONCE: usize = 8;
pub const SESSION_IDLE_MS: i64 = 12 * 60 * 60 * 1000;
pub const SESSION_LIFE_MS: i64 = 14 * 24 * 60 * 60 * 1000;
pub const INVITATION_LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Invitations of one organization that nobody has used yet, and how many it may give in a minute.
pub const INVITATIONS_MAX: usize = 500;
pub const INVITATIONS_PER_MINUTE: u32 = 60;
/// API keys of one organization.
pub const KEYS_MAX: usize = 200;
/// How long the confirmation lasts that destroys an organization.
pub const DESTRUCTION_LIFE_MS: i64 = 10 * 60 * 1000;
/// How long the answer to an `Idempotency-Key` is remembered.
pub const IDEMPOTENCY_LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// Failed logins per account and per address before a pause.
pub const LOGINS_PER_MINUTE: u32 = 10;
pub const REQUESTS_PER_SECOND_PER_KEY: u32 = 500;
/// Bytes of one file of a release.
pub const RELEASE_FILE_BYTES_MAX: u64 = 1 << 44;
/// Stores of organizations that one look at the health of the server asks.
pub const STORES_PER_LOOK: usize = 16;
/// Live streams that one person may have open at once.
pub const LIVE_STREAMS_MAX: usize = 12;

/// A command that meets a conflict is run again this often.
pub const RETRIES_MAX: u32 = 8;
/// Commands that one group commit may hold.
pub const GROUP_MAX: usize = 1_024;
