// Sends once more what was typed before the session ended.
document.getElementById("resume-form").requestSubmit();
