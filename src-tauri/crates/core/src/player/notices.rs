//! Notices for the user.

use super::*;
use crate::protocol::text::truncate_to_json_bytes;

const MAX_NOTICES: usize = 6;
/// Long enough for a file name, which has up to 255 bytes.
const MAX_SUBJECT_BYTES: usize = 256;
const MAX_REASON_BYTES: usize = 280;

impl Core {
    /// Shows a notice. The oldest one goes if there are too many: all of them are published together.
    pub(super) fn push_notice(&mut self, kind: NoticeKind, subject: &str, reason: &str) {
        if self.notices.len() == MAX_NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(Notice {
            id: self.next_notice,
            kind,
            subject: truncate_to_json_bytes(subject, MAX_SUBJECT_BYTES),
            reason: truncate_to_json_bytes(reason, MAX_REASON_BYTES),
        });
        self.next_notice += 1;
    }

    pub(super) fn dismiss_notice(&mut self, notice: u32) -> Result<(), ApiError> {
        let before = self.notices.len();
        self.notices.retain(|shown| shown.id != notice);
        if self.notices.len() == before {
            return Err(ApiError::for_field(ErrorCode::NotFound, "notice", "There is no such notice."));
        }
        Ok(())
    }
}
