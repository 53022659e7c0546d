"""Steps of appraisal: answers, consensus, figures, certainty."""
