/* Fields of the JSON of a model, and where its inputs are read. Messages begin with the reader's subject. */
#ifndef VKV_MODEL_SVM_FIELDS_H
#define VKV_MODEL_SVM_FIELDS_H

#include "model/files/json.h"
#include "model/svm/svm.h"

/* svm_fields.c */

/* The field `key` of `object`; NULL where it is absent or null. */
const cJSON *svm_field(const cJSON *object, const char *key);
/* Refuses an object with too many fields, or with one that is given twice. VKV_ERR_MODEL. */
int svm_check_keys(struct svm_reader *reader, const cJSON *object);
/* Whether it is a finite number. */
bool svm_is_number(const cJSON *item);
/* Reads an array of exactly `n` finite numbers. VKV_ERR_MODEL. */
int svm_numbers(struct svm_reader *reader, const cJSON *array, const char *key, uint32_t n, double *to);
/* The string of a field; NULL after a message. */
const char *svm_string(struct svm_reader *reader, const cJSON *object, const char *key);

/* svm_inputs.c: reads which features the member takes, and with which options. VKV_ERR_MODEL. */
int svm_read_inputs(struct svm_reader *reader, const cJSON *dict, struct svm *svm, struct svm_member *member);

#endif
