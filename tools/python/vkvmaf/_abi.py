"""The part of libvkvmaf's C interface that is used here, as include/vkvmaf/vkvmaf.h declares it.

A test holds names, sizes, offsets and constants against the header; this file imports nothing else for its sake.
"""
import ctypes
from ctypes import c_char, c_char_p, c_double, c_float, c_int, c_ssize_t, c_uint32, c_uint64, c_void_p

VERSION_MAJOR = 0
VERSION_MINOR = 1

OK = 0
AGAIN = 1
END = 2

LOG_ERROR = 0
LOG_WARNING = 1

DEVICE_OTHER = 0
DEVICE_INTEGRATED_GPU = 1
DEVICE_DISCRETE_GPU = 2
DEVICE_VIRTUAL_GPU = 3
DEVICE_SOFTWARE = 4
DEVICE_CPU_REFERENCE = 5

SVM_MAX_MEMBERS = 32
SVM_MAX_FEATURES = 10
SVM_DISABLE_CLIP = 1
SVM_ENABLE_TRANSFORM = 2

MAX_MODELS = 4
MAX_LAYERS = 8

LogFn = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_char_p)


class Log(ctypes.Structure):
    _fields_ = [("fn", LogFn), ("user", c_void_p)]


class DeviceInfo(ctypes.Structure):
    _fields_ = [("index", c_uint32), ("type", c_uint32), ("api_version", c_uint32), ("meets_baseline", c_uint32),
                ("name", c_char * 256), ("driver", c_char * 256), ("uuid", c_char * 37), ("form", c_char * 16),
                ("reason", c_char * 256)]


class DeviceParams(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("form", c_uint32), ("select", c_char_p), ("log", Log),
                ("get_instance_proc_addr", c_void_p), ("validation", c_uint32), ("skip_probe", c_uint32),
                ("cache_dir", c_char_p)]


class ModelParams(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("quant", c_uint32), ("path", c_char_p), ("log", Log), ("id", c_char_p),
                ("registry", c_char_p), ("models_dir", c_char_p), ("jail", c_char_p), ("verify", c_uint32),
                ("reserved", c_uint32), ("verify_key", c_char_p), ("cosign", c_char_p), ("root", c_char_p)]


class ModelInfo(ctypes.Structure):
    _fields_ = [("name", c_char * 128), ("kind", c_char * 8), ("quant_mode", c_char * 16), ("file", c_char * 256),
                ("sha256", c_char * 65), ("n_layers", c_uint32), ("widths", c_uint32 * (MAX_LAYERS + 1)),
                ("n_parameters", c_uint32)]


class ScorerParams(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("width", c_uint32), ("height", c_uint32), ("bit_depth", c_uint32),
                ("n_distorted", c_uint32), ("n_models", c_uint32), ("models", ctypes.POINTER(c_void_p)),
                ("vif_gain_limit", c_double), ("adm_gain_limit", c_double), ("frames_in_flight", c_uint32),
                ("reserved", c_uint32)]


class Picture(ctypes.Structure):
    _fields_ = [("luma", c_void_p), ("stride_bytes", c_ssize_t), ("memory", c_void_p)]


class Result(ctypes.Structure):
    _fields_ = [("frame", c_uint64), ("adm2", c_double), ("adm_scale", c_double * 4), ("vif_scale", c_double * 4),
                ("motion", c_double), ("motion2", c_double), ("model_score", c_float * MAX_MODELS)]


class SvmParams(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("path", c_char_p), ("log", Log), ("name", c_char_p),
                ("vif_gain_limit", c_double), ("adm_gain_limit", c_double)]


class SvmInfo(ctypes.Structure):
    _fields_ = [("name", c_char * 128), ("version", c_char * 128), ("type", c_char * 32), ("sha256", c_char * 65),
                ("n_members", c_uint32), ("is_bootstrap", c_uint32), ("has_transform", c_uint32),
                ("n_features", c_uint32), ("features", (c_char * 32) * SVM_MAX_FEATURES),
                ("vif_gain_limit", c_double), ("adm_gain_limit", c_double)]


class SvmScores(ctypes.Structure):
    _fields_ = [("score", c_double), ("member", c_double * SVM_MAX_MEMBERS), ("bagging", c_double),
                ("stddev", c_double), ("ci_p95_lo", c_double), ("ci_p95_hi", c_double)]


STRUCTS = {"vkv_log": Log, "vkv_device_info": DeviceInfo, "vkv_device_params": DeviceParams,
           "vkv_model_params": ModelParams, "vkv_model_info": ModelInfo, "vkv_scorer_params": ScorerParams,
           "vkv_picture": Picture, "vkv_result": Result, "vkv_svm_params": SvmParams, "vkv_svm_info": SvmInfo,
           "vkv_svm_scores": SvmScores}


def _pointer(struct):
    return ctypes.POINTER(struct)


# name: result, arguments. Handles are c_void_p.
FUNCTIONS = {
    "vkv_version": (c_char_p, []),
    "vkv_strerror": (c_char_p, [c_int]),
    "vkv_device_list": (c_int, [_pointer(DeviceParams), _pointer(DeviceInfo), _pointer(c_uint32)]),
    "vkv_device_open": (c_int, [_pointer(DeviceParams), _pointer(c_void_p)]),
    "vkv_device_close": (None, [_pointer(c_void_p)]),
    "vkv_device_get_info": (None, [c_void_p, _pointer(DeviceInfo)]),
    "vkv_model_open": (c_int, [_pointer(ModelParams), _pointer(c_void_p)]),
    "vkv_model_close": (None, [_pointer(c_void_p)]),
    "vkv_model_get_info": (None, [c_void_p, _pointer(ModelInfo)]),
    "vkv_scorer_create": (c_int, [c_void_p, _pointer(ScorerParams), _pointer(c_void_p)]),
    "vkv_scorer_destroy": (None, [_pointer(c_void_p)]),
    "vkv_scorer_push": (c_int, [c_void_p, _pointer(Picture), _pointer(Picture)]),
    "vkv_scorer_pull": (c_int, [c_void_p, _pointer(Result)]),
    "vkv_scorer_flush": (c_int, [c_void_p]),
    "vkv_svm_open": (c_int, [_pointer(SvmParams), _pointer(c_void_p)]),
    "vkv_svm_close": (None, [_pointer(c_void_p)]),
    "vkv_svm_get_info": (None, [c_void_p, _pointer(SvmInfo)]),
    "vkv_svm_score": (c_int, [c_void_p, _pointer(Result), _pointer(SvmScores)]),
}


def declare(library: ctypes.CDLL) -> ctypes.CDLL:
    """Gives every function its types."""
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library
